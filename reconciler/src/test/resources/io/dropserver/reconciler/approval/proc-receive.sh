#!/usr/bin/env bash
# What Gitea does with a push to refs/for/BRANCH, as far as a client sees it: one pull request for each topic, whose head is
# refs/pull/N/head. The protocol is that of githooks(5), proc-receive.
set -euo pipefail
export LC_ALL=C

# Sets $line; false at a flush packet. What follows a NUL is cut.
read_packet() {
  local length
  length=$((16#$(head -c4)))
  [ "$length" -gt 0 ] || return 1
  line=$(head -c $((length - 4)) | tr '\0' '\n' | head -n1)
}

say() { printf '%04x%s\n' $((${#1} + 5)) "$1"; }

read_packet && while read_packet; do :; done
printf '%04xversion=1\0push-options\n' 27
printf 0000
commands=()
while read_packet; do commands+=("$line"); done
: >options
while read_packet; do echo "$line" >>options; done

topic=$(sed -n 's/^topic=//p' options)
mkdir -p topics
known=topics/${topic//\//_}
# A topic whose pull request was merged or closed gets another one. A test creates closed-N.
[ -e "$known" ] && [ ! -e "closed-$(cat "$known")" ] ||
  echo $(($(git for-each-ref refs/pull | wc -l) + 1)) >"$known"
pull=refs/pull/$(cat "$known")/head
for command in "${commands[@]}"; do
  read -r _ new ref <<<"$command"
  git update-ref "$pull" "$new"
  say "ok $ref"
  say "option refname $pull"
  say "option new-oid $new"
done
printf 0000
