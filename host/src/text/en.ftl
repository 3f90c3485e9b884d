# What desk, player and console say in common.
# Each .ftl file has a Vietnamese one beside it with the very same ids.

help-usage = Usage
help-commands = Commands
help-arguments = Arguments
help-options = Options
help-help = Print this page
help-version = Print the version
help-lang = Language: vi or en (vi unless LOA_LANG says otherwise)
help-data = The desk's folder: store, content, keys
bad-value = { $option }: “{ $value }” cannot be used; expected { $expected }

loa-about = Loa: schedules grassroots broadcasts, with a proof of every play
loa-examples =
    Examples:
      loa serve                        run the desk on this machine
      loa apply schedules/demo         show changes, take audio in, sign and issue the timetable
      loa plan --player loa-cho        what one loudspeaker airs today
      loa proofs                       the proofs that have come in

serve-about = Run the desk: MQTT broker, orders and content out, proofs in
serve-help-listen = Where the built-in MQTT broker listens without TLS (this machine only)
serve-help-broker = Use an outside MQTT broker in place of the built-in one, such as mqtt://127.0.0.1:1884
serve-help-rate-mbit = How much of the line content may fill, in megabits per second
serve-help-release-days = For how many days a timetable stays in force without contact
serve-help-max-players = Most players connected at one time
serve-help-log-origin = Name of the audit log, taken at the first start (a host name with a path)
serve-help-log-listen = Let others read the audit log by HTTP at this address (off by default)
serve-examples =
    Examples:
      loa serve --data /var/lib/loa
      loa serve --broker mqtt://loa:password@127.0.0.1:1884
serve-ready = The desk runs at { $address }. Give the file { $root } to each player when you install it. Stop with Ctrl-C.
serve-stops = The desk is stopping…
serve-cannot-start = The desk cannot run: { $why }

apply-about = Read timetables from TOML files, show what changes, then sign and issue
apply-help-paths = .toml files or folders of them; what refers to each other must be read together
apply-help-dry-run = Only show what would change; change nothing
apply-help-officer = Key of the officer who signs (the one made at the first start, by default)
apply-examples =
    Examples:
      loa apply schedules/places schedules/commune-week --dry-run
      loa apply schedules/places schedules/commune-week
apply-refused = { $count } places to mend; nothing has changed.
apply-summary = { $changes } entries change, { $unchanged } stay as they are.
apply-dry-run-done = This was a trial run: nothing has changed.
apply-done = Issued: { $signed } orders signed, { $revoked } orders revoked.

kind-place = place
kind-board = kind of board
kind-player = player
kind-campaign = campaign
kind-clip = clip
kind-template = template
kind-slide = slide
kind-programme = programme
kind-order = order

agent-about = The unattended player: plays its timetable, network or not, and reports every play
agent-help-data = The player's folder: key, store, content, recordings
agent-help-id = The player's id, as in the timetable: a-z, 0-9 and hyphens
agent-help-root = The root document it trusts, copied from the desk
agent-help-broker = The MQTT broker
agent-help-kind = speaker or board
agent-help-output = auto: the sound card, or a recording without one; card or card:NAME: the card alone; file: a recording
agent-help-board = The board, pixels across x pixels down, with its colours and how far it is turned, such as 192x96:rgb565 or 64x32:mono:180
agent-help-quiet = Quiet hours of its own, which no desk can take away; may be given more than once
agent-help-terminal = Draw the board's face in the terminal
agent-help-outputs = A file that says where a board puts its picture: screen, panels, picture files (docs/hardware.md)
agent-examples =
    Example:
      loa-agent --data /var/lib/loa-agent --id loa-cho --root root --quiet 21:30-04:45
agent-bad-value = --{ $option }: “{ $value }” cannot be used; expected { $expected }
agent-cannot-start = The player cannot run: { $why }
board-no-timetable = No timetable yet
board-not-enrolled = Not enrolled yet
board-timetable-ended = The timetable has ended
board-next = Next at { $time }
board-next-day = Next { $time } { $day }/{ $month }
expected-player-id = 1 to 32 of a-z, 0-9 and -
expected-output = auto, card, card:NAME or file
expected-board = a size such as 128x32, from 16x16 to 2048x2048, or with colours (mono, red-green, grey16, rgb565, rgb888) and rotation (0, 90, 180, 270): 192x96:rgb565, 64x32:mono:180
outputs-unread = { $file } cannot be read: { $why }
outputs-no-toml = { $file }, line { $line }: not TOML: { $why }
outputs-unknown = { $file }, { $table }: unknown key “{ $word }”
outputs-missing = { $file }, { $table }: “{ $word }” is missing
outputs-bad = { $file }, { $table }, { $word }: “{ $value }” cannot be used; expected { $expected }
outputs-count = { $file } lists { $count } outputs; from 1 to { $most } are possible, each a table [[output]]
expected-percent = a whole number from 0 to 100
expected-tables = tables [[output]]
expected-table = a table [video]
expected-text = text in quotation marks
expected-keep = a whole number from 1 to 100000
expected-one-place = file or folder, not both
expected-helper-address = an IP address and a port, such as 127.0.0.1:1337
expected-helper = a list of a program and its arguments, such as ["ft-server", "-D128x64"]
expected-interface = the name of a network interface, such as eth0
expected-output-kind = framebuffer, picture, terminal, hub75 or colorlight
expected-frames = a whole number from 1 to 60
expected-quiet = hours such as 21:30-04:45, at most four spans

watch-about = Watch live: which cues are due, what airs, which proofs arrive
watch-help-seconds = End after so many seconds; exit code 0 only if every cue that was due has exactly one proof
watch-examples =
    Examples:
      loa watch
      loa watch --seconds 120
watch-due = due
watch-airs = on the air
watch-proof = proof: { $outcome } { $heard }/{ $length } s
watch-proof-reason = proof: { $outcome } { $heard }/{ $length } s ({ $reason })
watch-all-heard = Every player has aired something and its proof is here, { $seconds } s after the watch began.
watch-missing = no proof
watch-doubled = more than one proof
watch-account = { $due } cues due, { $proven } with exactly one proof, { $missing } missing, { $doubled } doubled.

