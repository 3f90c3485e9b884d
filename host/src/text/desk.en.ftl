# What is said when the desk cannot do a thing: what happened, to which file, what to do.

system-not-found = there is no such file or folder
system-not-allowed = no permission; run it as the desk's user, or change who may
system-exists = a file of that name is in the way
system-not-a-folder = this is no folder
system-a-folder = this is a folder, not a file
system-full = the disk is full; free some space
system-read-only = the disk can only be read
system-address-taken = another program uses this address
file-failed = { $path }: { $why }.

store-busy = Another program uses the store, most often the running desk. Stop it, or try again later.
store-full = The disk that holds the store is full; nothing has changed. Free some space and try again.
store-damaged = The store is damaged ({ $detail }). Stop the desk and bring a backup back: loa restore DIR
store-not-a-database = { $path } is no store: the file is damaged or was overwritten. Bring a backup back: loa restore DIR
store-foreign = { $path } is the database of another program. Name the right folder with --data.
store-too-new = A newer program has written the store (schema { $found }, this program knows up to { $known }). Use the newer loa.
store-cannot-open = { $path } cannot be opened ({ $detail }). See whether it is there and who may write to the folder.
store-read-only = The store can be read but not written. See who may write to the file and its folder.
store-disk = The disk failed while the store was read or written: { $detail }. See to the disk; the last change may have been written.
store-malformed = A row of the store is wrong: column { $column } holds no { $expected }. Bring a backup back: loa restore DIR
store-no-such-order = There is no order { $hash }; nothing has changed.
store-exists = { $path } is there already and is not overwritten. Choose a new folder.
store-copied-in-use = { $path } was copied while in use and is not whole. Make a backup with: loa backup DIR
store-unsupported = This is done with the database server's own tools.
store-closed = The store is closed.
store-refused = The store refused: { $detail }. This is a fault of the program; report it with this line.

compile-cron = Order { $order }: the cron line “{ $text }” cannot be used ({ $why }). Try: loa explain "{ $text }"
compile-too-many = { $subject }: more { $what } than a player can hold (at most { $most }). Split it into several entries.
compile-too-long = { $subject }: “{ $text }” is longer than the { $most } bytes a player can hold. Write it shorter.
compile-zone = { $subject }: its place has no time zone that can be used. Write zone = "Asia/Ho_Chi_Minh" at the topmost place.
compile-no-such-board = { $subject }: there is no kind of board “{ $board }”. Apply the file with its [[board]] too.
compile-no-content = Order { $order }: { $item } has not been taken in. Write it in the timetable and run loa apply again.
compile-too-long-programme = Order { $order }: its programme lasts { $minutes } minutes, at most { $most } are possible. Split it into several.

what-quiet-hours = quiet hours
what-places-above-it = places above it
what-tags = tags
what-languages = languages
what-items = items
what-places = places
what-players = players
what-kinds = kinds
what-cron-lines = cron lines
what-single-moments = single moments
what-exceptions = exceptions
what-steps-of-brightness = steps of brightness

key-none = { $path } is no key file (64 hexadecimal digits are expected). Bring the file back from a backup; players refuse a new key.
key-no-root = { $path } is no root document of this system ({ $why }). Copy it again from the desk.
key-no-random = The system gives no random numbers: { $why }.

broker-beyond-loopback = without TLS the built-in broker listens on this machine only. Use 127.0.0.1 in place of { $listen }, and --tls-listen for other machines.
broker-listen = cannot listen on { $listen } ({ $why }). Perhaps another desk is running; stop it, or choose another port with --listen.
broker-threads = the broker does not start: { $why }.
broker-url = an address such as mqtts://host:8883 or, on this machine, mqtt://127.0.0.1:1883, with nothing after the port
plan-zone = The place's clock cannot be worked out in this window ({ $why }). Ask for a shorter one.

# The log that nobody can quietly alter
quorum-logs = { $path } names { $named } logs. Name one: the log of this desk, whose key it prints when it starts.
quorum-witnesses = { $path } names { $named } witnesses; players hold { $most }. Leave some out.
quorum-groups = { $path }: its quorum is made of more groups than players hold, which is { $most }. Put some together.
quorum-same-id = { $path }: the keys { $one } and { $other } have the same short id, so players could not tell their signatures apart. Make one of them anew, or give it another name.
store-too-long = This takes { $bytes } bytes in the log, which takes { $most } at once. Make it shorter, or several.
store-unreplayable = Entry { $position } of the log cannot be replayed: { $detail }
log-file = The log's files cannot be read or written: { $why }. Nothing that was acknowledged is lost.
log-in-use = Another desk is working on this log ({ $path } is locked). Stop it first.
log-bad-origin = “{ $origin }” cannot be a log's name: use a host name with a path, without blanks and plus signs.
log-nothing-kept = { $path } is missing: it says what this desk has signed last, and without it the desk could contradict itself. Restore it with the keys of the newest backup: loa restore --with-keys
log-foreign-checkpoint = { $path } was not signed with this desk's log key for this log. Restore the keys and the log from the same backup.
log-short = The log's folder lacks { $path }, and this desk has signed for { $signed } entries: it is an older copy, or part of it is lost. Bring back the newest copy of the folder, never an older one.
log-torn = { $path } is damaged or altered. Bring it back from a copy of the log.
log-store-behind = The store knows { $store } entries, the log has { $log }: the store was restored from an older backup. Make it again from the log: loa audit rebuild --replace
log-store-differs = Entry { $position } of the log is not what the store has there: the store was restored from an older backup and then written. Make it again from the log: loa audit rebuild --replace
log-gap = Entries from { $log } on are neither in the log nor in the store: the log's folder is an older copy. Bring back the newest one.
log-contested = { $path } was changed by another program; nothing is signed until the desk is started anew.
log-forked = The log of { $new } entries does not go on from the { $old } that were signed; nothing is signed.
log-not-yet = This is in no published checkpoint yet. Let loa serve run, and try again in some seconds.
log-no-quorum = { $signed } witnesses signed, which is no quorum ({ $why }). The log grows, its checkpoint is not published.
log-policy = { $path }, line { $line }: expected { $expected }.
export-file = The copy cannot be written: { $why }. Nothing half-written is left.
export-exists = { $path } exists already. A copy never overwrites; choose another name.
export-bad-checkpoint = { $path } is no checkpoint of this desk's log.
witness-file = The witness's folder cannot be used: { $why }.
witness-bad-name = “{ $name }” cannot be a witness's name: use a host name with a path, without blanks and plus signs.
witness-unreadable = { $path } does not say what this witness has signed last. Restore it, or begin with another key.
