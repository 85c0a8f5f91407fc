#!/usr/bin/env bash
# Writes down the push options, as a forge would read them.
for ((i = 0; i < ${GIT_PUSH_OPTION_COUNT:-0}; i++)); do
  name=GIT_PUSH_OPTION_$i
  echo "${!name}"
done >options
cat >/dev/null
