# Enrolling players: who is who and stands where, signed by two officers.

enrol-about = Enrol players: see who waits, ask officers to sign, take it in
enrol-examples =
    Examples:
      loa enrol                                  who waits, and each one's fingerprint
      loa enrol al-cho --request enrol           compared with what the player shows: ask two officers
      loa key sign enrol --key mai.key           on each officer's machine
      loa enrol --signed enrol.mai enrol.binh
enrol-help-players = The players; none: all that wait
enrol-help-fingerprint = The first digits of the fingerprint, where several keys claim to be one player
enrol-help-request = Write the signing request to FILE
enrol-help-signed = Take in the files that officers signed
column-fingerprint = Fingerprint
column-enrolled = Enrolled
enrol-state-enrolled = enrolled
enrol-state-waiting = waiting
enrol-state-other-key = claims with another key: replaced, or an impostor?
enrol-state-moved = the timetable moved it, to be signed again
enrol-state-lapsed = those who signed are no officers any more, to be signed again
enrol-state-silent = not heard of yet
enrol-unknown = The timetable has no player “{ $player }”. Add it to a timetable file and run loa apply.
enrol-none = No key of “{ $player }” waits to be enrolled. Look at loa enrol; is the player switched on and does it reach the desk?
enrol-several = Several keys claim to be “{ $player }”. Compare with the player itself and choose with --fingerprint.
enrol-nobody = No player waits to be enrolled.
enrol-request-written = A request to enrol { $count } players is in { $path }, code { $hash }. Each officer signs it with loa key sign.
enrol-other-request = This file is no request for enrolment.
enrol-signers-missing = { $missing } more officers have to sign, so no player is enrolled yet.
enrol-done = { $count } players are enrolled. Those that are connected get their timetable at once.
sign-placings = ── Enrol { $count } players: from now on the player with this key stands here
sign-placing = { $player }, { $kind }
sign-key = Fingerprint
sign-key-before = In place of the key
sign-no-place = NOWHERE
