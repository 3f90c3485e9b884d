#!/usr/bin/env bash
# help.sh <Makefile>: lists the targets that explain themselves, Vietnamese first.
set -euo pipefail
printf 'Loa: lịch phát thanh cơ sở · grassroots broadcast scheduling\n\n'
awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {
    split($2, said, " · ")
    printf "  make %-10s %s\n%18s%s\n", $1, said[1], "", said[2]
}' "$1"
printf '\nBắt đầu · To begin:  make demo\n'
