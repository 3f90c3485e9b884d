# About taking audio in.

clip-not-found = { $path }: there is no such file. Check the name and the folder.
clip-not-a-file = { $path }: this is a folder or a device, not a file. Choose the sound file itself.
clip-not-readable = { $path }: cannot be read ({ $cause }). Check the permissions, or copy the file again.
clip-empty = { $path }: the file is empty. Perhaps a copy that failed; copy it again.
clip-not-audio =
    { $path }: this is not audio{ $looks_like ->
        [none] { "" }
       *[other] , it looks like { $looks_like }
    }. MP3, AAC (M4A), FLAC, Ogg Vorbis or WAV is needed.
clip-no-audio-track = { $path }: the { $container } file has no sound track. Export the sound as MP3 or WAV.
clip-codec-unsupported = { $path }: { $codec } is not decoded here ({ $detail }). Convert it to MP3, FLAC or WAV.
clip-truncated =
    { $path }: the recording is cut off, there are only { $found_ms } ms{ $declared_ms ->
        [none] { "" }
       *[other] { " " }of { $declared_ms } ms
    }. Copy or export the file again.
clip-joined = { $path }: another recording begins inside it at { $at_ms } ms. Join them in a sound editor and export one file, or add them one by one.
clip-length-mismatch = { $path }: the header says { $declared_ms } ms but there are { $found_ms } ms of sound. Join the parts in a sound editor and export again.
clip-corrupt = { $path }: damaged at { $at_ms } ms, { $lost_ms } ms lost ({ $detail }). Copy or export the file again.
clip-silent =
    { $path }: nothing can be heard (peak { $peak_dbfs ->
        [none] none
       *[other] { $peak_dbfs } dBFS
    }, loudness { $loudness_lufs ->
        [none] not measurable
       *[other] { $loudness_lufs } LUFS
    }). Check the recording level and the track that was exported.
clip-channels-cancel = { $path }: the channels cancel each other, mixed for one loudspeaker { $loss_db } dB are lost. Invert one channel, or export one alone.
clip-too-short = { $path }: only { $duration_ms } ms long, at least { $shortest_ms } ms are needed. Check that all of it was exported.
clip-too-long = { $path }: at least { $duration_ms } ms long, { $longest_ms } ms are allowed. Cut it into parts.
clip-too-many-channels = { $path }: { $channels } channels, at most { $most } are mixed. Export it as stereo or mono.
clip-not-numbers = { $path }: impossible sample values at { $at_ms } ms. Export it again as 16 or 24 bit WAV.
clip-no-room = { $path }: the desk's disk is full. Free some space and try again.
clip-desk-failed = { $path }: the desk failed, the file is not to blame ({ $step }: { $cause }). Try again; if it stays, look at the disk.

clip-note-mislabelled = Note: the name ends in { $ending } but the content is { $content }; the content counts.
clip-note-mended = Note: { $lost_ms } ms were lost, the first at { $at_ms } ms; silence stands in their place.
clip-note-quieter = Note: { $by_db } dB quieter than the others, because of its high peaks.

clip-about = Take audio in, and see what was taken in
clip-add-about = Take audio files in: check them, bring them to one loudness, keep them
clip-list-about = The audio that was taken in
clip-help-files = MP3, AAC (M4A), FLAC, Ogg Vorbis or WAV files
clip-help-id = Its id in timetables (made from the file's name by default); for one file alone
clip-help-title = Title
clip-help-language = Language, such as vi, tyz, nut
clip-help-category = Category, for reports
clip-help-lossless = Keep the full quality (FLAC): five times the data
clip-examples =
    Examples:
      loa clip add tin-sang.mp3 --title "Morning news"
      loa clip list
clip-add-nothing = Nothing was added.
clip-add-one-id = --id is for one file alone.
clip-add-same-id = Two files give the id “{ $id }”. Add them one by one, with --id.
clip-added = { $id }: { $length } long, loudness { $before } → { $after } LUFS, { $size }, { $hash }
clip-added-present = (already there)
clip-list-empty = No audio was taken in yet.
