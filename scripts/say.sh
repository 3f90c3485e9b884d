# shellcheck shell=bash
# How scripts speak: one line when a step begins, one when it ends, with how long it took. To be sourced.

# shellcheck disable=SC2034 # for those who source this
if [ -t 2 ]; then bold=$'\e[1m' plain=$'\e[0m'; else bold='' plain=''; fi

say() { printf '%s\n' "$*" >&2; }

# complain "Vietnamese" "English": one sentence each, then out.
complain() {
    say "Lỗi: $1"
    say "Error: $2"
    exit 1
}

# step "name" command…: runs it, and says how long it took.
step() {
    local name=$1 begin=$SECONDS status=0
    shift
    say "${bold}▸ ${name}${plain}"
    "$@" || status=$?
    if [ "$status" -eq 0 ]; then
        say "  ${name}: xong · done, $((SECONDS - begin)) s"
    else
        say "  ${name}: hỏng · failed, $((SECONDS - begin)) s"
    fi
    return "$status"
}

# Where tools that are built once live, whatever is cleaned.
tools_folder() { printf '%s/loa/tools' "${XDG_CACHE_HOME:-$HOME/.cache}"; }
