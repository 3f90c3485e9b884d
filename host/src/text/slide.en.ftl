# About slides, pictures and boards.

slide-about = Look at slides: what boards show of them, which there are
slide-show-about = Show what boards show of a slide, lamp by lamp
slide-list-about = The slides, on which kinds of boards they are, whether they can be read in time
slide-help-id = The slide's id
slide-help-paths = From files that are not applied, in place of the timetable in force
slide-help-board = On this kind of board: the id of a [[board]], or size and colours such as 128x64:grey16 (all boards that orders reach, by default)
slide-help-png = Write PNG pictures, a file for each face, in place of printing
slide-help-zoom = Each lamp a square of N dots, to be seen better
slide-examples =
    Examples:
      loa slide list
      loa slide show chao
      loa slide show chao schedules/demo --board 192x96:rgb888
      loa slide show chao --png pictures --zoom 4
slide-none = there is no slide yet
slide-list-empty = There is no slide yet.
no-such-slide = No slide is called “{ $slide }”. There are: { $known }
expected-board-class = the id of a [[board]] ({ $classes }), or width x height from 16 to 2048 and colours: 128x64:mono, :red-green, :grey16, :rgb565, :rgb888
slide-show-board = { $board } ({ $size }): faces { $pages }, read in { $read } s
slide-show-runs = { $board } ({ $size }): runs through, read in { $read } s
slide-written = Wrote { $file }
column-shows = Shows
column-seconds = Seconds
column-boards = On boards
column-board = Board
column-enough = Time to read
slide-enough = enough
slide-not-enough = too short
slide-shows-text = text
slide-shows-picture = picture
slide-shows-code = code
slide-shows-clock = clock
slide-shows-countdown = countdown
slide-shows-video = video
slide-show-video = { $board } ({ $size }): video, its first picture

apply-help-no-preview = Do not print the faces of slides that cannot be read in time

slide-too-long = Warning: the slide “{ $slide }” cannot be read in time on { $board } (boards: { $players }): { $pages } faces take { $read } s, it stands { $stands } s. Shorten it, or write seconds = { $read }
slide-runs-too-long = Warning: the slide “{ $slide }” cannot be read in time on { $board } (boards: { $players }): it runs through in { $read } s, it stands { $stands } s. Shorten it, or write seconds = { $read }
slide-code-too-large = Warning: the code of the slide “{ $slide }” has no room on { $board } (boards: { $players }): it needs { $needs } lamps either way. Write a shorter address; there the slide is shown without it.
slide-code-nowhere = The code of the slide “{ $slide }” has no room on any board that its orders reach: it needs { $needs } lamps either way. Write a shorter address, or leave the code out.
slide-picture-mislabelled = Note: the picture of the slide “{ $slide }” is { $content }, whatever its file's name ends in; the content counts.
slide-picture-left-out = Note: the picture of the slide “{ $slide }” was made for the four kinds of boards used most; { $boards } show the nearest of these.
slide-video = The slide “{ $slide }” is a video: { $seconds } s, { $kilobytes } KB, { $width } x { $height } dots, { $container } ({ $codec })
slide-video-mislabelled = Note: the video of the slide “{ $slide }” is { $content }, whatever its file's name ends in; the content counts.
slide-video-flawed = Note: the video of the slide “{ $slide }” can be played, but something in it is not right ({ $detail }). Look at it on a board before you rely on it.
slide-video-ends-early = Note: the video of the slide “{ $slide }” lasts { $lasts } s, but seconds = { $stands }: its last picture stays up for the rest. Leave seconds out to show it just once.
slide-video-no-screen = Warning: the slide “{ $slide }” is a video, but none of its boards is a screen at least { $least } lamps wide ({ $boards }): hardly anything will be made out on them. Give the order to screens, or use a picture.
slide-text = The slide “{ $slide }”: a text is longer than its room. Shorten it.
slide-too-many-bytes = The picture of the slide “{ $slide }” takes { $kilobytes } KB, at most { $most } KB are sent ({ $parts }). Use a moving picture of fewer frames, colours rgb565 for the board, or an order and a slide of its own for large screens.

picture-not-readable = The picture of the slide “{ $slide }”, { $path }: cannot be read ({ $cause }). Check the name and who may read it.
picture-empty = The picture of the slide “{ $slide }”, { $path }: the file is empty. Perhaps a copy that failed; copy it again.
picture-too-many-bytes = The picture of the slide “{ $slide }”, { $path }: the file has { $megabytes } MB, at most { $most } MB are taken. Save it smaller.
picture-unsupported =
    The picture of the slide “{ $slide }”, { $path }: this is no picture that can be read here{ $looks_like ->
        [none] { "" }
       *[other] , it looks like { $looks_like }
    }. PNG, JPEG, WebP or GIF is needed; open it and save it anew.
picture-truncated = The picture of the slide “{ $slide }”, { $path }: the file is cut off. Copy or save it again.
picture-damaged = The picture of the slide “{ $slide }”, { $path }: the file is damaged ({ $detail }). Open it and save it anew, or copy it again.
picture-too-large = The picture of the slide “{ $slide }”, { $path }: { $width } x { $height } dots are too many (at most { $most } million, all frames together). Make it smaller.
picture-too-many-frames = The picture of the slide “{ $slide }”, { $path }: more than { $most } frames. Cut the moving picture shorter.

video-no-program = The video of the slide “{ $slide }”, { $path }: videos are looked at with the program { $program }, which this machine does not have. Install the package ffmpeg: apt-get install ffmpeg
video-not-run = The video of the slide “{ $slide }”, { $path }: videos are looked at with the program { $program }, which cannot be run ({ $cause }). Install the package ffmpeg anew: apt-get install --reinstall ffmpeg
video-not-readable = The video of the slide “{ $slide }”, { $path }: cannot be read ({ $cause }). Check the name and who may read it.
video-empty = The video of the slide “{ $slide }”, { $path }: the file is empty. Perhaps a copy that failed; copy it again.
video-too-many-bytes = The video of the slide “{ $slide }”, { $path }: the file has { $megabytes } MB, at most { $most } MB are sent to a player. Cut it shorter, or save it in lower quality.
video-unsupported =
    The video of the slide “{ $slide }”, { $path }: this is no video that players play{ $looks_like ->
        [none] { "" }
        [GIF] , it is GIF: write picture = in place of video =
        [PNG] , it is PNG: write picture = in place of video =
        [JPEG] , it is JPEG: write picture = in place of video =
        [WebP] , it is WebP: write picture = in place of video =
        [MP3] , it is MP3: sound is a [[clip]]
       *[other] , it looks like { $looks_like }
    }. MP4 or WebM is needed; to save it so: ffmpeg -i OLD -pix_fmt yuv420p NEW.mp4
video-no-picture = The video of the slide “{ $slide }”, { $path }: there is no moving picture in it. Sound alone is a [[clip]].
video-truncated = The video of the slide “{ $slide }”, { $path }: the file is cut off. Copy or save it again.
video-damaged = The video of the slide “{ $slide }”, { $path }: the file is damaged ({ $detail }). Open it and save it anew, or copy it again.
video-too-slow = The video of the slide “{ $slide }”, { $path }: looking at it does not come to an end. The file is probably damaged; open it and save it anew.
video-too-long = The video of the slide “{ $slide }”, { $path }: it takes { $minutes } minutes, at most 60 are shown. Cut it into parts.
video-codec =
    The video of the slide “{ $slide }”, { $path }: it is coded in a way that players can hardly be expected to know{ $codec ->
        [unknown] { "" }
       *[other] { " " }({ $codec })
    }. Save it as H.264: ffmpeg -i OLD -c:v libx264 -pix_fmt yuv420p NEW.mp4
video-changed = The video of the slide “{ $slide }”, { $path }: the file was changed while it was being looked at. Wait until it is saved, then apply again.
