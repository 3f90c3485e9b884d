# What is wrong in a timetable file, in English. One line per message; the variables are the problem's fields.

problem-error = error
problem-help = help
problem-also = first written here
problem-did-you-mean = Did you mean “{ $suggestion }”?

# Files
problem-no-files = No timetable file was found.
problem-no-files-hint = Name a .toml file, or a folder that holds some.
problem-too-many-files = { $count } files in one reading; at most { $limit } are read.
problem-too-many-files-hint = Name the folders one by one.
problem-file-missing = There is no such file or folder.
problem-file-missing-hint = See to its name, and in which folder you are.
problem-file-not-allowed = There is no permission to read this file.
problem-file-not-allowed-hint = Change who may, or run as the desk's user.
problem-file-unreadable = This file cannot be read: { $detail }
problem-file-too-large = This file has { $bytes } bytes; at most { $limit } are read.
problem-file-too-large-hint = Split it. A folder may hold as many files as you like, and their order does not matter.
problem-file-not-utf8 = This file is not UTF-8 text.
problem-file-not-utf8-expected = the first letter that is not UTF-8
problem-file-not-utf8-hint = It was probably saved in an old Vietnamese encoding (TCVN3, VNI, Windows-1258). Open it in your editor and save it as UTF-8.
problem-toml-syntax = This is not TOML: { $detail }.
problem-toml-syntax-hint = Texts stand in quotes, lists in [ ], and a table starts with [[name]]. Other faults of these files show once they can be parsed.
problem-problems-left-out = { $count } more problems are not shown.
problem-problems-left-out-hint = Correct those above and read again.

# Tables and keys
problem-unknown-table = A timetable has no table “{ $key }”.
problem-unknown-table-expected = place, board, player, campaign, clip, template, slide, programme or order
problem-not-a-list-of-tables = “{ $table }” is not written as a list of tables.
problem-not-a-list-of-tables-expected = [[{ $table }]] with two brackets
problem-too-many-entries = More than { $limit } entries [[{ $table }]] in one reading.
problem-too-many-entries-hint = Read one province at a time.
problem-unknown-key = “{ $table }” has no key “{ $name }”.
problem-missing-key = “{ $key }” is missing in [[{ $table }]].
problem-missing-key-hint = Add a line that starts with { $key } =
problem-defined-twice = [[{ $table }]] “{ $name }” is defined twice, first at { $first }.
problem-defined-twice-hint = Give one of them another id, or delete it.

# Kinds of values
problem-expect-text = “{ $key }” is not a text.
problem-expect-text-expected = a text in quotes
problem-expect-text-or-list = “{ $key }” is neither a text nor a list of texts.
problem-expect-text-or-list-expected = a text in quotes, or several in [ ]
problem-expect-list = “{ $key }” is not a list.
problem-expect-list-expected = a list in [ ], even for a single value
problem-expect-number = “{ $key }” is not a whole number.
problem-expect-number-expected = a whole number without quotes
problem-expect-boolean = “{ $key }” is neither true nor false.
problem-expect-boolean-expected = true or false, without quotes
problem-expect-table = “{ $key }” is not a table.
problem-expect-table-expected = keys and values in braces
problem-list-too-long = “{ $key }” lists { $count } values; at most { $limit } are allowed.
problem-listed-twice = “{ $value }” stands twice in “{ $key }”.
problem-number-out-of-range = “{ $key }” is { $value }.
problem-number-out-of-range-expected = { $least } to { $most }
problem-text-empty = “{ $key }” is empty.
problem-text-too-long = “{ $key }” has { $length } characters; at most { $limit } are allowed.
problem-text-control = “{ $key }” has a control character: “{ $value }”.
problem-text-control-hint = It often comes with text copied from another program. Type the line again.
problem-bad-id = “{ $value }” cannot be used as a name in “{ $key }”.
problem-bad-id-expected = a–z, 0–9 and -, at most { $limit }
problem-bad-id-hint = Names become part of addresses and file names, so they are written without accents and spaces. The title may have both.
problem-bad-choice = “{ $key }” cannot be “{ $value }”.
problem-bad-choice-expected = one of: { $choices }

# Days, hours, durations
problem-bad-date = “{ $value }” is not a day.
problem-bad-date-expected = a day such as 2026-12-10
problem-bad-date-hint = Year, month, day, in this order. Check that the month has that many days.
problem-bad-moment = “{ $value }” is not a day and hour.
problem-bad-moment-expected = such as 2026-12-10T19:00
problem-bad-moment-hint = The hour is the local one of the place; no time zone is written.
problem-bad-day-of-year = “{ $value }” is not a day of every year.
problem-bad-day-of-year-expected = month and day, such as 11-30
problem-bad-quiet-hours = “{ $value }” are not quiet hours.
problem-bad-quiet-hours-expected = such as 21:30-04:45
problem-bad-quiet-hours-hint = Two digits for the hour and two for the minute. They may run past midnight.
problem-quiet-hours-empty = The quiet hours “{ $value }” end when they start.
problem-quiet-hours-empty-hint = For a place without quiet hours write quiet = []. For the whole day write 00:00-24:00.
problem-bad-duration = “{ $value }” is not a duration.
problem-bad-duration-expected = such as 90s, 10m or 1h30m
problem-duration-zero = “{ $key }” is zero.
problem-duration-zero-hint = Leave the line out if there is nothing to wait for.
problem-duration-too-long = “{ $value }” is too long for “{ $key }”.
problem-duration-too-long-expected = at most { $limit } hours
problem-from-after-until = The last day { $until } comes before the first day { $from }.
problem-except-outside = The exception { $value } lies outside the days of the order.
problem-except-outside-hint = An exception that excepts nothing is mostly a wrong year.
problem-once-outside = { $value } lies outside the days of the order, or on a day excepted.
problem-once-outside-hint = It would never air. Correct the moment, or the days in “from”, “until” and “except”.
problem-bad-cron = “{ $value }” is not a timetable: { $detail }
problem-bad-cron-hint = { $advice }
problem-bad-zone = “{ $value }” is not a time zone: { $detail }
problem-bad-zone-hint = { $advice }

# Other values
problem-bad-language = “{ $value }” is not a language tag.
problem-bad-language-expected = such as vi, tyz (Tày), nut (Nùng)
problem-bad-public-key = “{ $key }” is not an Ed25519 public key.
problem-bad-public-key-expected = ed25519: and 44 letters of Base64
problem-bad-public-key-hint = Copy it from the player: loa-agent key
problem-bad-board-size = “{ $value }” is not the size of a board.
problem-bad-board-size-expected = width x height in lamps, such as 128x32, or for a player the id of a [[board]]
problem-bad-board-size-hint = From { $least } to { $most } either way. One line of Vietnamese needs 16 lamps of height.
problem-bad-item = “{ $value }” is not an item of a programme.
problem-bad-item-expected = clip:id or slide:id
problem-clip-path-not-relative = “{ $value }” does not start from the folder of this file.
problem-clip-path-not-relative-expected = a path such as { $example }, with /
problem-clip-path-not-relative-hint = So the folder works wherever it is copied to.
problem-clip-file-missing = The clip's file “{ $value }” is not there.
problem-clip-file-missing-hint = The path starts from the folder of this file. Mind capitals, accents and the ending.
problem-programme-empty = A programme without items airs nothing.
problem-board-without-size = A board needs its size.
problem-board-without-size-hint = Add a line such as board = "128x32", or with the id of a [[board]]
problem-board-id-is-a-size = “{ $value }” reads as a size, so it cannot be the id of a [[board]].
problem-board-id-is-a-size-hint = Put a word in front, such as id = "p10-{ $value }"
problem-bad-rotation = A board cannot be turned by { $value } degrees.
problem-bad-rotation-expected = 0, 90, 180 or 270
problem-bad-brightness = “{ $value }” is no step of brightness.
problem-bad-brightness-expected = a time and per cent, such as "22:00 20"
problem-bad-brightness-hint = Hours and minutes with two digits each; from then on the board is so bright, until the next step.
problem-brightness-out-of-order = The step of brightness at { $value } is not later than the one before it.
problem-brightness-out-of-order-hint = Write the steps in order of time; the last one holds over midnight.

# Slides and templates
problem-picture-file-missing = The picture's file “{ $value }” is not there.
problem-picture-file-missing-hint = The path starts from the folder of this file. Mind capitals, accents and the ending.
problem-video-file-missing = The video's file “{ $value }” is not there.
problem-video-file-missing-hint = The path starts from the folder of this file. Mind capitals, accents and the ending.
problem-video-not-alone = A video fills the whole board; { $names } cannot stand on it.
problem-video-not-alone-hint = Leave it out, or make a slide of its own for it. A slide with video has id, seconds and language alone.
problem-slide-text-too-long = “{ $key }” takes { $bytes } bytes; a slide has room for { $limit }.
problem-slide-text-too-long-hint = A Vietnamese letter with its marks takes two or three. Shorten it, or make two slides of it.
problem-letter-without-picture = Boards have no picture of { $letters } in “{ $key }”.
problem-letter-without-picture-expected = Vietnamese and other Latin letters, digits, usual marks
problem-letter-without-picture-hint = Type it anew, or write something else: the board would show an empty box. What was copied from a telephone often holds signs that cannot be seen.
problem-shows-too-much = This slide shows several things: { $names }.
problem-shows-too-much-hint = A slide shows one of picture, code, clock and countdown. Make a slide of each.
problem-bad-countdown = “{ $value }” is no moment to count down to.
problem-bad-countdown-expected = such as 2027-02-06T00:00, or with its offset: 2027-02-06T00:00+07:00
problem-countdown-zone-unclear = The places have several time zones ({ $zones }), so { $value } means several moments.
problem-countdown-zone-unclear-hint = Write the offset behind it, such as +07:00
problem-bad-colour = “{ $value }” is no colour.
problem-bad-colour-expected = # and six digits 0–9, a–f: red, green, blue, such as #ffd040
problem-template-empty = This template has no text.
problem-template-empty-hint = Write title, body or code, with fields in braces
problem-bad-placeholder = A field in “{ $key }” is not written right.
problem-bad-placeholder-expected = a name of a–z, 0–9, _ and - in braces
problem-bad-placeholder-hint = For the brace itself write it twice.
problem-text-of-template = “{ $key }” comes from the template “{ $template }”.
problem-text-of-template-hint = Delete this line, or the template.
problem-fields-without-template = “fields” is there, but no template.
problem-fields-without-template-hint = Name it: template = "…"
problem-unknown-field = The template “{ $template }” has no field “{ $name }”.
problem-unknown-field-expected = one of: { $choices }
problem-missing-field = Fields of the template “{ $template }” are missing: { $names }.
problem-missing-field-hint = Add { $example } = "…" to fields
problem-filled-too-long = Filled in, “{ $what }” of the template “{ $template }” takes { $bytes } bytes; a slide has room for { $limit }.
problem-filled-too-long-hint = A Vietnamese letter with its marks takes two or three. Shorten what is filled in.
problem-not-for-this-kind = “{ $key }” is not for a player of kind { $kind }.

# Names of other entries
problem-unknown-place = No place has the code “{ $value }”.
problem-unknown-place-hint = Read the file of places together with this one.
problem-place-ambiguous = The code “{ $value }” means several places: { $choices }.
problem-place-ambiguous-hint = Codes were used again after mergers. Say from which day on, such as { $newest }
problem-unknown-name = There is no [[{ $table }]] named “{ $value }”.
problem-unknown-tag = No player carries the tag “{ $value }”.

# The whole
problem-place-circle = The places belong to one another in a circle: { $path }.
problem-predecessor-not-older = { $predecessor } is not older than { $place }, which was made from it.
problem-player-without-zone = Player “{ $player }” has no time zone: neither { $place } nor a place above it has one.
problem-player-without-zone-hint = Add zone = "Asia/Ho_Chi_Minh" to the topmost place.
problem-drill-and-template = An order cannot be a drill and a template.
problem-drill-and-template-hint = Leave out drill: activating the template with --drill airs it as a drill
problem-template-with-times = A template has no { $value }: it is aired when it is activated.
problem-template-with-times-hint = Leave out { $value }, or template
problem-template-of-normal = A template must be priority or emergency.
problem-template-of-normal-hint = Write class = "emergency" or class = "priority"
problem-order-without-time = The order says no time.
problem-order-without-time-hint = Add at = "0 5 * * *" for every day at 05:00, or once = ["2026-12-10T19:00"]
problem-order-to-nobody-named = The order does not say whom it is for, or one of its lists is empty.
problem-order-to-nobody-named-hint = Name places, tags, players, kinds or languages. For a whole province name the province; a list that should not narrow is left out.
problem-order-reaches-nobody = The order “{ $order }” reaches no player.
problem-order-reaches-nobody-hint = Every line of “to” narrows the choice. Check that the players stand in the places named and carry the tags and languages.
problem-order-without-clip = The order “{ $order }” names loudspeakers such as “{ $player }”, but the programme “{ $programme }” has no clip.
problem-order-without-clip-hint = Loudspeakers air clips, boards show slides. Add a clip, or name boards alone.
problem-order-without-slide = The order “{ $order }” names boards such as “{ $player }”, but the programme “{ $programme }” has no slide.
problem-order-without-slide-hint = Loudspeakers air clips, boards show slides. Add a slide, or name loudspeakers alone.
problem-late-limit-unused = “late_limit” has no effect with late = "skip".
problem-late-limit-unused-hint = Delete the line, or write late = "join" or "restart".
problem-order-outside-campaign = None of the order's days lies within the campaign “{ $campaign }”.
problem-order-outside-campaign-hint = It would count towards no report. Correct the days, or leave the campaign out.
problem-category-not-in-campaign = The programme “{ $programme }” counts towards the campaign “{ $campaign }” (order “{ $order }”), but has none of its categories.
problem-category-not-in-campaign-expected = one of: { $choices }
