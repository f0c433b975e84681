#!/bin/bash
# What the shell completes: test_completion.sh COMPLETION TERRIER
set -u
source "$1"
terrier=$2
failed=0

# expect WORDS... -- WANTED...: completing the last of WORDS gives at least WANTED
expect() {
	COMP_WORDS=("$terrier")
	while [[ $1 != @@ ]]; do
		COMP_WORDS+=("$1")
		shift
	done
	shift
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	_terrier
	for wanted; do
		if [[ " ${COMPREPLY[*]-} " != *" $wanted "* ]]; then
			echo "${COMP_WORDS[*]:1}: $wanted is missing in: ${COMPREPLY[*]-}"
			failed=1
		fi
	done
}

expect '' @@ flows hosts kinds findings explain status map help
expect fl @@ flows
expect fi @@ findings
expect help ex @@ explain
expect flows -- @@ --kind --since --format --help
expect flows --fo @@ --format
expect flows --format '' @@ table csv json
expect flows --view = p @@ public
expect map --level '' @@ host asset zone
expect '' @@ assets declare review export verify
expect assets '' @@ import check list export suggest rank
expect review a @@ accept
expect export '' @@ flows assets ropa
expect plot '' @@ volume week coverage
expect flows --system @@ --system-names
expect flows --status d @@ declared_and_observed
exit $failed
