# What the commands typed at the desk say.

no-desk = There is no desk in “{ $dir }” yet. Run loa serve or loa apply first, or name the right folder with --data.
show-help-format = table: to be read (default); csv; json: for other programs, times in UTC milliseconds
expected-moment = a date such as 2026-12-10, or a time such as 2026-12-10T19:00 (on the place's clock)

weekday-0 = Sunday
weekday-1 = Monday
weekday-2 = Tuesday
weekday-3 = Wednesday
weekday-4 = Thursday
weekday-5 = Friday
weekday-6 = Saturday

# Columns of tables
column-planned = Planned
column-player = Player
column-order = Order
column-outcome = Outcome
column-reason = Reason
column-heard = Heard / length
column-start = Off by (ms)
column-clock = Clock
column-evidence = Evidence
column-begins = Begins
column-ends = Ends
column-class = Class
column-fate = What becomes of it
column-id = Id
column-title = Title
column-length = Length
column-loudness = Loudness (LUFS)
column-size = Size
column-hash = Hash
column-added = Added
column-place = Place
column-online = Link
column-release = Release
column-outbox = Records waiting
column-hello = Last heard from
column-refused = Refused because
column-number = No.
column-time = Time
column-who = Who
column-what = What
column-subject = Of
column-detail = Detail

# Outcomes and reasons
outcome-played = played
outcome-partial = played in part
outcome-interrupted = interrupted
outcome-missed = missed
reason-overlap = another order had the air
reason-quiet-hours = quiet hours
reason-late = too late
reason-power-off = no power
reason-clock-step = the clock stepped
reason-clock-unknown = the time was not known
reason-superseded = the timetable changed
reason-revoked = the order was revoked
reason-content-missing = the content had not come
reason-content-corrupt = the content is damaged
reason-output-lost = sound card or board failed
plan-drill = DIỄN TẬP · DRILL: { $told }
reason-stopped = it was stopped
reason-decoder-missing = the player has no decoder for this video
clock-unknown = not known
clock-free = free running
clock-network = network, ±{ $error_ms } ms
record-cue = cue
record-started = the player started
record-rebuilt = the player started with a new store
record-in-force = release { $detail } took effect
record-stepped = the clock stepped by { $detail } ms
record-log-split = the desk showed a log (of { $detail } entries) that contradicts the one seen before

class-normal = normal
class-priority = priority
class-emergency = emergency

proofs-about = Show the proofs: what was aired, what was not, and why
proofs-help-player = Of this player alone
proofs-help-from = From this date or time (on the place's clock)
proofs-help-until = To the end of this date, or before this time
proofs-help-outcome = With this outcome alone: played, partial, interrupted, missed
proofs-help-campaign = Of this campaign alone
proofs-help-order = Of this order alone
proofs-help-limit = At most so many lines (all, by default)
proofs-help-records = Records that are no cues as well: starts, releases in force, steps of the clock
proofs-examples =
    Examples:
      loa proofs --player loa-cho --from 2026-12-10
      loa proofs --campaign nhan-quyen-1079 --format csv > report.csv
proofs-cut = Only { $limit } lines, as --limit says; there are more.
proofs-count = { $count } records.

explain-about = Read a cron line back in words, with the next times it fires
explain-help-cron = The cron line in quotes: minute hour day month weekday
explain-help-zone = Time zone of the place
explain-help-count = How many of the next times
explain-examples =
    Example:
      loa explain "30 5 * * 1-5"
explain-next = The next times (clock of { $zone }):

# What is wrong with a cron line
cron-in-field = in the { $field } field: { $what }
cron-field-second = second
cron-field-minute = minute
cron-field-hour = hour
cron-field-day = day-of-month
cron-field-month = month
cron-field-weekday = weekday
cron-empty = there is no cron line
cron-too-long = longer than { $most_bytes } bytes
cron-field-count = five fields are needed (or six with seconds first), found { $found }
cron-years = seven fields; a cron line has no year
cron-unknown-nickname = only @hourly, @daily, @weekly, @monthly and @yearly are known
cron-reboot = a player's start is not a time
cron-empty-element = nothing between two commas
cron-missing-value = a range with one end missing
cron-not-a-value = neither a number nor a name that is known here
cron-out-of-range = { $value } is not between { $first } and { $last }
cron-not-a-step = a number must follow the /
cron-step-zero = a step cannot be 0
cron-step-too-long = a step of { $step } is longer than the field (at most { $last })
cron-step-without-range = a step needs a range or * before it
cron-runs-backwards = a range that runs from { $from } back to { $to }
cron-no-specific-value = ? is not crontab
cron-last-day = L (last) is not crontab
cron-nearest-workday = W (nearest workday) is not crontab
cron-nth-weekday = # (nth weekday of the month) is not crontab
cron-random = ~ (a random value) would differ from player to player
cron-never-fires = no year has such a day, so it would never fire
cron-library = not understood: { $words }
cron-hint-write = Write { $text }
cron-hint-dates-beside-cron = Dates are written beside the cron line: from, until, once, except.
cron-hint-steps-start-again = Steps start again with each hour, day or month; list the times instead.
cron-hint-five-fields = Write minute hour day month weekday, such as 30 5 * * 1-5
zone-unknown = no time zone is called “{ $name }”
zone-hint = Perhaps { $names }?
zone-window = the window of time is too long or outside the calendar
zone-changes = this zone changes its clock too often ({ $why })

plan-about = Look ahead: what is aired when, and why some of it is not
plan-help-paths = From files that are not applied, in place of the timetable in force
plan-help-player = Which player (all, by default)
plan-help-from = From this date or time (the beginning of today; with --hours from now)
plan-help-hours = For so many hours
plan-help-days = For so many days (1 by default)
plan-help-by-day = In short, day by day; what repeats on time becomes one line
plan-examples =
    Examples:
      loa plan --player loa-cho --days 7
      loa plan schedules/places schedules/commune-week --from 2026-12-07 --days 7 --by-day
plan-empty = Nothing is planned in this window.
no-such-player = No player is called “{ $player }”. There are: { $known }
no-such-order = No order is called “{ $order }”, now or ever. See the orders: loa plan
plan-player = { $player }: { $name } (quiet hours: { $quiet })
plan-no-quiet = none
plan-folded = { $told }, { $count } times until { $until }
plan-begins = { $told }, begins { $time }
plan-ends = { $told }, ends { $time }
plan-reason-order = { $reason } ({ $order })
plan-reason = { $reason } ({ $order } at { $time })
fate-plays = on time
fate-waits = waits, then plays in full
fate-resumes = cut, then goes on to its end
fate-interrupted = cut for good
fate-missed = not aired
fate-open = unfinished when the window ends

players-about = Show the players: link, release in force, records that have not come in
players-up = up
players-down = down
players-never = never yet
players-behind = has { $held }, needs { $wanted }
players-not-planned = (not in the timetable)
players-empty = There is no player yet.

acts-about = Show who did what at the desk, latest first
acts-help-limit = At most so many lines (50 by default)
acts-cut = Only the latest { $limit } lines; there are more (--limit).

backup-about = Copy the desk to a folder, even while it runs
backup-help-dir = The folder; no backup may be in it yet
backup-help-with-keys = Copy the keys too: who has the copy can give orders, so keep it safe
backup-examples =
    Example:
      loa backup /media/usb/loa-2026-12-10
backup-bar = Copying
backup-done = Backed up to { $dir }: the store and { $files } files of content, checked.
restore-about = Bring a desk back from a backup; the desk must be stopped first
restore-help-dir = The backup's folder
restore-help-with-keys = Bring the keys back too. Without the old keys players take no orders from this desk.
restore-examples =
    Example:
      loa restore /media/usb/loa-2026-12-10 --with-keys
restore-bar = Restoring
restore-done = Restored to { $dir }: the store and { $files } files of content, checked.
restore-aside = The store that was there is kept at { $path }
restore-not-whole = The backup in { $dir } is not whole ({ $why }). Nothing has changed.
restore-no-keys = This backup holds no keys. Nothing has changed.
content-damaged = Damaged content: { $path } does not fit its hash.

# A line that was not typed right
arguments-unknown = There is no option “{ $argument }”.
arguments-no-such-command = There is no command “{ $command }”.
arguments-which-command = Say which command: { $commands }.
arguments-missing = Still missing: { $what }.
arguments-conflict = { $one } cannot be used together with { $other }.
arguments-no-value = After { $option } a value is missing.
arguments-not-utf8 = There is a word that is not UTF-8.
arguments-other = The line is not understood: { $why }.
arguments-help = How it is used: { $command } --help
expected-range = a number from { $least } to { $most }
expected-at-least = a number from { $least } up
expected-number = a number
expected-address = address and port, such as 127.0.0.1:1883
window-backwards = --until ({ $until }) must be after --from ({ $from }).
backup-inside = { $dir } lies within the desk itself. Make the backup elsewhere, best on another disk.
serve-ready-outside = The desk is running, over the broker { $address }; where that is not reached it keeps trying and says so in the log. Give { $root } to every player when it is installed. Ctrl-C ends it.
audit-about = The log that nobody can quietly alter: copy it, prove a record, hold the store against it
audit-export-about = Copy the log for an auditor, even while the desk runs
audit-export-bar = Copying the log
audit-export-done = Copied { $size } entries to { $dir }. Root: { $root }
audit-proof-about = Write the proof that one record of a player is in the log
audit-proof-none = The log has no record { $seq } of { $player }.
audit-proof-done = Wrote { $file }: entry { $position } of a log of { $size }.
audit-rebuild-about = Make the store again from the log and name every difference
audit-rebuild-bar = Replaying the log
audit-rebuild-same = The store is what { $entries } entries of the log give back.
audit-rebuild-differs = The store differs from what { $entries } entries of the log give back: { $count } rows, above.
audit-rebuild-older = The store was restored from an older backup: it lacks { $behind } entries of the log and contradicts { $refused }. To make it again: loa audit rebuild --replace
audit-rebuild-replaced = The store was made again from { $entries } entries of the log. The one that was there is kept at { $path }
audit-help-dir = The copy's folder; it must not exist yet
audit-help-player = Which player
audit-help-seq = The record's number
audit-help-epoch = The player's chain, if it has had several (the newest by default)
audit-help-output = The file to write
audit-help-replace = Put the result in the place of the store; the desk must be stopped
audit-examples =
    Examples:
      loa audit export /media/usb/log-2026-12-10
      loa audit proof --player loa-017 --seq 42 -o proof.txt
      loa audit verify /media/usb/log-2026-12-10 --policy policy.txt
      loa audit verify-proof proof.txt --policy policy.txt
witness-about = Watch over another desk's log: sign its checkpoints, but only if it goes on
witness-help-listen = Where to listen
witness-help-log = The log's key, as the desk's policy names it
witness-help-name = Who this witness is (a host name with a path)
witness-ready = The witness listens at { $address }. Its key, for the desk's policy:
    { $key }
