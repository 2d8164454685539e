#!/bin/sh
# Verifies a Bundle with openssl, jq and coreutils alone, and runs one of its Modules with node or wasmtime.
# No npm, nothing of ours.
#
#   verify.sh BUNDLE FINGERPRINT MODULE [ARGUMENTS]
#
#   BUNDLE       a directory in the OCI image layout, or a plain tar of one
#   FINGERPRINT  SHA-256 of a version of the trust root, 64 hex digits, compared with its owner by other means
#   MODULE       SHA-256 of the Module, 64 hex digits
#   ARGUMENTS    JSON list; the Module is then run on them
#
# REVIEWERS=K asks for K distinct reviewers (default 1), RUNNER=wasmtime runs it there and not in node. Exit: 0 verified (and run), 1 refused with the reason, 2 wrong usage or a tool
# is missing, 3 verified but not run. It is stricter than the workbench where that is simpler: a key that any line revokes counts for
# nothing, a refusal by a reviewer is final, signed payloads must be in the canonical form they are written in.
set -eu
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
usage() { sed -n '5,10s/^# \{0,1\}//p' "$0" >&2; exit 2; }
refuse() { echo "REFUSED: $*" >&2; exit 1; }
said() { echo "ok: $*"; }
for tool in openssl jq sha256sum base64 awk tar find od xargs; do command -v "$tool" >/dev/null || { echo "MISSING: $tool" >&2; exit 2; }; done
[ $# -ge 3 ] && [ $# -le 4 ] || usage
hex64() { printf %s "$1" | grep -Eq '^[0-9a-f]{64}$'; }
hex64 "$2" && hex64 "$3" || usage
bundle=$1 fingerprint=$2 module=$3 reviewers=${REVIEWERS:-1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

# 1. The archive holds plain files of the layout and nothing else; nothing is unpacked before that is known.
if [ -f "$bundle" ]; then
  tar -tf "$bundle" >"$work/names" 2>/dev/null || refuse "$bundle is no plain tar archive"
  if grep -Evx '(\./)?|(\./)?(oci-layout|index\.json|blobs/|blobs/sha256/|blobs/sha256/[0-9a-f]{64})' "$work/names" >&2; then refuse "the archive holds these names"; fi
  [ -z "$(sed 's:^\./::' "$work/names" | sort | uniq -d)" ] || refuse "a name stands twice in the archive"
  [ -z "$(tar -tvf "$bundle" | cut -c1 | grep -v '[-d]')" ] || refuse "the archive holds links or devices"
  mkdir "$work/bundle"
  tar -xf "$bundle" -C "$work/bundle" --no-same-owner --no-same-permissions || refuse "the archive is cut short"
  bundle=$work/bundle
fi
for part in oci-layout index.json blobs blobs/sha256; do [ ! -L "$bundle/$part" ] || refuse "$part is a link"; done
[ -f "$bundle/oci-layout" ] && [ -f "$bundle/index.json" ] || refuse "$bundle is no OCI image layout"
[ "$(jq -r .imageLayoutVersion "$bundle/oci-layout")" = 1.0.0 ] || refuse "another version of the image layout"
blobs=$bundle/blobs/sha256
[ -z "$(find "$blobs" ! -type f ! -path "$blobs" | head -n 1)" ] || refuse "something in blobs/sha256 is no plain file"

# 2. Every Blob is what its name says.
(cd "$blobs" && find . -type f -exec sha256sum {} +) | awk '{ name = substr($0, 69); if (name != $1) { print name; bad = 1 } } END { exit bad }' >&2 ||
  refuse "the bytes of these Blobs do not match their names"
said "every Blob matches its name"

blob() { # sha256:HEX SIZE -> path
  hex64 "${1#sha256:}" || refuse "$1 is no Digest"
  file=$blobs/${1#sha256:}
  [ -f "$file" ] || refuse "Blob $1 is named and not there: the Bundle may be half copied"
  [ "$(wc -c <"$file")" -eq "$2" ] || refuse "Blob $1 has another size than its descriptor says"
  echo "$file"
}
sum() { sha256sum "$1" | cut -c1-64; }

# keyid -> its public key as a PEM file, from the document of keys in $1; the keyid is recomputed and never believed.
keyfile() { # ROOT KEYID -> the file is $key
  key=$work/key-$2.pem
  [ ! -f "$key" ] || return 0
  hex64 "$2" || return 1
  printf '\060\052\060\005\006\003\053\145\160\003\041\000' >"$work/der"
  jq -r --arg id "$2" '.keys[$id].public // empty' "$1" | base64 -d >>"$work/der" 2>/dev/null
  [ "$(wc -c <"$work/der")" -eq 44 ] && [ "$(sum "$work/der")" = "$2" ] || return 1
  openssl pkey -pubin -inform DER -in "$work/der" -out "$key" 2>/dev/null
}
signed_by() { # MESSAGE SIGNATURE: under $key
  [ "$(wc -c <"$2")" -eq 64 ] && openssl pkeyutl -verify -pubin -inkey "$key" -rawin -in "$1" -sigfile "$2" >/dev/null 2>&1
}
# DSSE: the payload goes to $work/payload, what is signed to $work/pae.
decoded() { printf %s "$1" | tr -- '-_' '+/' | base64 -d 2>/dev/null; }
open_payload() { # TYPE PAYLOAD
  decoded "$2" >"$work/payload" || return 1
  { printf 'DSSEv1 %d %s %d ' "${#1}" "$1" "$(wc -c <"$work/payload")"; cat "$work/payload"; } >"$work/pae"
}
open_envelope() { # FILE TYPE
  [ "$(jq -r .payloadType "$1")" = "$2" ] && open_payload "$2" "$(jq -r .payload "$1")"
}
# Distinct keys of a role that signed the opened envelope: counted are keys, never signatures.
count_signers() { # ENVELOPE ROOT ROLE
  n=0
  for id in $(jq -r --arg role "$3" '.roles[$role].keyids | unique[]' "$2"); do
    keyfile "$2" "$id" || continue
    for at in $(jq -r --arg id "$id" '.signatures | to_entries[] | select(.value.keyid == $id) | .key' "$1"); do
      jq -r ".signatures[$at].sig" "$1" | tr -- '-_' '+/' | base64 -d >"$work/sig" 2>/dev/null || continue
      if signed_by "$work/pae" "$work/sig"; then n=$((n + 1)); break; fi
    done
  done
  echo "$n"
}
canonical() { [ "$(cat "$1"; echo x)" = "$(jq -cSj . "$1"; echo x)" ]; }

# 3. The trust root whose fingerprint was given: each version signed by the thresholds of the one before and its own.
manifests() { jq -r --arg type "$1" '.manifests[] | select(.artifactType == $type) | "\(.digest) \(.size)"' "$bundle/index.json"; }
root='' revocations='' now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
manifests application/vnd.rtfs.l4.root.v1+json >"$work/roots"
while read -r digest size; do
  manifest=$(blob "$digest" "$size")
  before='' version=0 found=''
  jq -r '.layers[] | select(.mediaType == "application/vnd.rtfs.l4.root.v1+json") | "\(.digest) \(.size)"' "$manifest" >"$work/versions"
  while read -r layer bytes; do
    envelope=$(blob "$layer" "$bytes")
    version=$((version + 1))
    open_envelope "$envelope" application/vnd.rtfs.l4.root.v1+json || refuse "version $version of a root is no envelope"
    canonical "$work/payload" || refuse "version $version of a root is not in its canonical form"
    cp "$work/payload" "$work/root-$version"
    this=$work/root-$version
    [ "$(jq -r .version "$this")" = "$version" ] || refuse "the root's versions are not in order"
    [ "$(jq -r '.previous // ""' "$this")" = "$( [ -z "$before" ] || sum "$before" )" ] || refuse "version $version does not name its predecessor"
    for judge in ${before:+"$before"} "$this"; do
      [ "$(count_signers "$envelope" "$judge" root)" -ge "$(jq .roles.root.threshold "$judge")" ] || refuse "version $version of the root lacks its threshold"
    done
    [ "$(sum "$this")" != "$fingerprint" ] || found=yes
    before=$this
  done <"$work/versions"
  if [ -n "$found" ]; then
    cp "$before" "$work/root" && root=$work/root
    revocations=$(jq -r '.layers[] | select(.mediaType == "application/vnd.rtfs.l4.revocations.v1+json") | "\(.digest) \(.size)"' "$manifest")
    break
  fi
done <"$work/roots"
[ -n "$root" ] || refuse "no root in the Bundle has the fingerprint $fingerprint"
jq -e --arg now "$now" '.expires > $now' "$root" >/dev/null || refuse "the root expired on $(jq -r .expires "$root")"
jq -e '(.roles.publisher.keyids - (.roles.publisher.keyids - .roles.reviewer.keyids)) == []' "$root" >/dev/null || refuse "a key is publisher and reviewer"
said "root version $(jq .version "$root") of $(jq -r '[.keys[].owner] | unique | join(", ")' "$root") has the fingerprint"

# 4. Revocations, by the authority's threshold.
echo '{"keys":[],"modules":[]}' >"$work/revoked"
if [ -n "$revocations" ]; then
  # shellcheck disable=SC2086
  envelope=$(blob $revocations)
  open_envelope "$envelope" application/vnd.rtfs.l4.revocations.v1+json || refuse "the revocations are no envelope"
  [ "$(count_signers "$envelope" "$root" authority)" -ge "$(jq .roles.authority.threshold "$root")" ] || refuse "the revocations lack the authority's threshold"
  cp "$work/payload" "$work/revoked"
  jq -e --arg now "$now" '.expires > $now' "$work/revoked" >/dev/null || refuse "the revocations ended on $(jq -r .expires "$work/revoked"): ask for a newer Bundle"
  said "revocations version $(jq .version "$work/revoked"), good until $(jq -r .expires "$work/revoked")"
else
  echo "WARNING: the Bundle carries no revocations" >&2
fi
jq -r '.keys[].keyid, .modules[].digest' "$work/revoked" >"$work/struck"
struck() { grep -Fqx "$1" "$work/struck"; }
# A line for each key of the root that counts now: its KeyId and its roles.
jq -r --arg now "$now" '. as $root | .keys | to_entries[] | select((.value.notAfter // "9") > $now) | .key as $id | [$id, ($root.roles | to_entries[] | select(.value.keyids | index($id) != null) | .key)] | join(" ")' "$root" >"$work/roles"
holds() { grep -q "^$1 \(.* \)\{0,1\}$2\( \|\$\)" "$work/roles"; }
! struck "sha256:$module" || refuse "the Module is revoked"

# 5. The Module and what refers to it. One line a manifest: its name, artifactType, subject, type of its config, first layer.
jq -r '.manifests[] | select(.mediaType == "application/vnd.oci.image.manifest.v1+json") | .digest' "$bundle/index.json" >"$work/digests"
if grep -Evx 'sha256:[0-9a-f]{64}' "$work/digests" >&2; then refuse "index.json names these, which are no Digests"; fi
cut -c8- "$work/digests" | tr '\n' '\0' | (cd "$blobs" && xargs -0 jq -r \
  '[input_filename, .artifactType // "-", .subject.digest // "-", .config.mediaType, .layers[0].digest // "-"] | @tsv') >"$work/manifests" 2>"$work/why" ||
  refuse "a manifest is missing or malformed: $(head -n 1 "$work/why")"
of_type() { awk -F '\t' -v type="$1" -v subject="$subject" '$2 == type && $3 == subject { print $1 }' "$work/manifests"; }
file=$(awk -F '\t' -v layer="sha256:$module" '$4 == "application/vnd.wasm.config.v0+json" && $5 == layer { print $1; exit }' "$work/manifests")
[ -n "$file" ] || refuse "no Module $module is in the Bundle"
subject=sha256:$file

# Records of the ledgers that the root lists, by the Attestations they carry.
node_hash() { { printf '\001'; cat "$1" "$2"; } | openssl dgst -sha256 -binary >"$work/node.new"; mv "$work/node.new" "$work/node"; }
included() { # RECORD PROOF: whether the record stands in a ledger of the root
  sed '/^$/,$d' "$2" >"$work/path"
  sed '1,/^$/d' "$2" >"$work/note"
  [ "$(head -n 1 "$work/path")" = c2sp.org/tlog-proof@v1 ] || return 1
  index=$(sed -n 's/^index \(0\|[1-9][0-9]*\)$/\1/p' "$work/path")
  sed '/^$/,$d' "$work/note" >"$work/text"
  origin=$(sed -n 1p "$work/text") count=$(sed -n 2p "$work/text")
  vkey=$(jq -r --arg origin "$origin" '.ledgers[] | select(.origin == $origin) | .vkey' "$root")
  closed=$(jq -r --arg origin "$origin" '.ledgers[] | select(.origin == $origin) | .closedAt.size // empty' "$root")
  [ -n "$index" ] && [ -n "$count" ] && [ -n "$vkey" ] && [ "$index" -lt "$count" ] || return 1
  [ -z "$closed" ] || [ "$index" -lt "$closed" ] || return 1
  rest=${vkey#*+}
  printf '\060\052\060\005\006\003\053\145\160\003\041\000' >"$work/der"
  printf %s "${rest#*+}" | base64 -d | tail -c 32 >>"$work/der"
  key=$work/ledger.pem
  openssl pkey -pubin -inform DER -in "$work/der" -out "$key" 2>/dev/null || return 1
  grep -F "$(printf '\342\200\224') $origin " "$work/note" | awk '{ print $3 }' | base64 -d >"$work/noted" 2>/dev/null || return 1
  [ "$(head -c 4 "$work/noted" | od -An -tx1 | tr -d ' \n')" = "${rest%%+*}" ] || return 1
  tail -c +5 "$work/noted" >"$work/sig"
  signed_by "$work/text" "$work/sig" || return 1
  { printf '\000'; cat "$1"; } | openssl dgst -sha256 -binary >"$work/node"
  first=$index last=$((count - 1))
  for step in $(sed -n '/^extra /d; 3,$p' "$work/path" | grep -v '^index '); do
    [ "$last" -gt 0 ] || return 1
    printf %s "$step" | base64 -d >"$work/step" 2>/dev/null || return 1
    if [ $((first % 2)) -eq 1 ] || [ "$first" -eq "$last" ]; then
      node_hash "$work/step" "$work/node"
      while [ $((first % 2)) -eq 0 ] && [ "$first" -gt 0 ]; do first=$((first / 2)) last=$((last / 2)); done
    else
      node_hash "$work/node" "$work/step"
    fi
    first=$((first / 2)) last=$((last / 2))
  done
  [ "$last" -eq 0 ] && [ "$(base64 <"$work/node")" = "$(sed -n 3p "$work/text")" ]
}
: >"$work/logged"
of_type application/vnd.rtfs.l4.ledger.v1 >"$work/files"
while read -r name; do
  file=$blobs/$name
  jq -r '.layers | [.[range(0; length; 2)], .[range(1; length; 2)]] as $all | ($all | length / 2) as $half | range(0; $half) | "\($all[.].digest) \($all[.].size) \($all[. + $half].digest) \($all[. + $half].size)"' "$file" >"$work/pairs"
  while read -r record bytes proof length; do
    entry=$(blob "$record" "$bytes") path=$(blob "$proof" "$length")
    if included "$entry" "$path"; then jq -r '.parts[] | select(.kind == "attestation") | .digest' "$entry" >>"$work/logged"; fi
  done <"$work/pairs"
done <"$work/files"

# 6. Attestations that count: one signature each, by a key whose role fits, logged, about this Module.
claim='' accepted='' ; : >"$work/provenance"; : >"$work/tests"; : >"$work/words"
of_type application/vnd.dev.sigstore.bundle.v0.3+json >"$work/files"
while read -r name; do
  file=$blobs/$name
  layer=$(jq -r '.layers[0].digest' "$file")
  grep -Fqx "$layer" "$work/logged" || continue
  attestation=$blobs/${layer#sha256:}
  canonical "$attestation" || continue
  jq -r '[.verificationMaterial.publicKey.hint, (.dsseEnvelope | (.signatures | length), .signatures[0].keyid, .payloadType, .payload, .signatures[0].sig)] | join(" ")' "$attestation" >"$work/row"
  read -r hint signatures id type payload signature <"$work/row" || continue
  [ "$signatures" = 1 ] && [ "$hint" = "$id" ] && [ "$type" = application/vnd.in-toto+json ] || continue
  keyfile "$root" "$id" && ! struck "$id" || continue
  open_payload "$type" "$payload" && canonical "$work/payload" || continue
  decoded "$signature" >"$work/sig" && signed_by "$work/pae" "$work/sig" || continue
  jq -e --arg wasm "$module" '[.subject[] | select(.name == "module") | .digest.sha256] == [$wasm]' "$work/payload" >/dev/null || continue
  case $(jq -r .predicateType "$work/payload") in
    urn:rtfs:l4:module:v1)
      holds "$id" publisher || continue
      jq -e --arg id "$id" --slurpfile root "$root" '(.predicate.namespace // "") as $name | $root[0].keys[$id].namespaces // [""] | any(. as $prefix | $name | startswith($prefix))' "$work/payload" >/dev/null || continue
      # The signed text itself, not a copy written anew: its SHA-256 names the Mapping.
      sed 's/^{"_type":"https:\/\/in-toto.io\/Statement\/v1","predicate"://; s/,"predicateType":"urn:rtfs:l4:module:v1","subject":\[{"digest":{"sha256":"[0-9a-f]*"},"name":"module"}\]}$//' "$work/payload" | tr -d '\n' >"$work/claim.new"
      [ "$(jq -cS . "$work/claim.new")" = "$(jq -cS .predicate "$work/payload")" ] || continue
      if [ -n "$claim" ] && [ "$(sum "$work/claim.new")" != "$(sum "$work/claim")" ]; then
        [ -n "${MAPPING:-}" ] || refuse "the Module answers several Tasks: choose one with MAPPING=HEX"
        [ "$(sum "$work/claim.new")" = "$MAPPING" ] || continue
      fi
      cp "$work/claim.new" "$work/claim" && claim=$work/claim ;;
    https://slsa.dev/provenance/v1) holds "$id" publisher && { cat "$work/payload"; echo; } >>"$work/provenance" ;;
    https://in-toto.io/attestation/test-result/v0.1) holds "$id" publisher && { cat "$work/payload"; echo; } >>"$work/tests" ;;
    https://in-toto.io/attestation/svr/v0.2) holds "$id" reviewer && jq -r --arg id "$id" '"\($id) \([.subject[] | select(.name == "mapping") | .digest.sha256][0]) \(.predicate.properties | index("RTFS_L4_SIGNED_OFF") != null) \(.predicate.properties | index("RTFS_L4_REFUSED") != null)"' "$work/payload" >>"$work/words" ;;
  esac
done <"$work/files"
[ -n "$claim" ] || refuse "no Claim of this Module by a Publisher of the root stands in a ledger it lists"
mapping=$(sum "$claim")
! struck "sha256:$mapping" || refuse "the Mapping is revoked"
field() { sed -n "s/^$1 //p" "$work/fields"; }
jq -r '"module \(.module.digest)", "size \(.module.size)", "hash \(.interface.hash)", "entry \(.entry)", "runtime \(.runtime.digest // "")", "source \(.source.digest // "")", "examples \(.examples.digest)", "count \(.examples.count)", (.imports // [] | .[] | "import \(.digest)")' "$claim" >"$work/fields"
[ "$(field module)" = "sha256:$module" ] && [ "$(field size)" -eq "$(wc -c <"$blobs/$module")" ] || refuse "the Claim is about another Module"
[ "sha256:$(jq -rj .interface.canonical "$claim" | sha256sum | cut -c1-64)" = "$(field hash)" ] || refuse "the Interface does not have the hash that the Claim states"
for part in runtime source examples; do
  named=$(field "$part")
  [ -z "$named" ] || { hex64 "${named#sha256:}" && [ -f "$blobs/${named#sha256:}" ]; } || refuse "the $part that the Claim names is not in the Bundle"
done
for imported in $(field import); do ! struck "$imported" || refuse "the Module imports $imported, which is revoked"; done
said "Claim: $(jq -c .task.text "$claim") is answered by $(field entry) of this Module, $(jq -r .interface.canonical "$claim")"
jq -se --arg source "$(field source)" 'any(.predicate.buildDefinition.externalParameters.source // "" | . == $source)' "$work/provenance" >/dev/null || refuse "no provenance by a Publisher names the Claim's Source"
said "provenance names the Source"
examples=$(field examples)
jq -se --arg examples "${examples#sha256:}" --argjson count "$(field count)" 'any(.predicate | .result == "PASSED" and (.passedTests | length) == $count and ([.configuration[] | select(.name == "examples") | .digest.sha256] == [$examples]))' "$work/tests" >/dev/null || refuse "no test result by a Publisher says that every Example passed"
said "every Example passed"
! grep -q " $mapping .* true$" "$work/words" || refuse "a reviewer refused this Mapping"
accepted=$(awk -v mapping="$mapping" '$2 == mapping && $3 == "true" { print $1 }' "$work/words" | sort -u | wc -l)
[ "$accepted" -ge "$reviewers" ] || refuse "$accepted of $reviewers reviewers accepted this Mapping"
said "$accepted reviewers accepted it, all of it logged"
echo "VERIFIED: Mapping $mapping"

# 7. Run it: the Module and its runtime as they were exported, and an engine of WebAssembly.
[ $# -eq 4 ] || exit 0
runtime=$(field runtime)
if [ -z "$runtime" ]; then echo "NOT RUN: a plain Module has an ABI of its own" >&2; exit 3; fi
has_node() { "${NODE:-node}" -e 'process.exit(Number(process.versions.node.split(".")[0]) < 24 ? 1 : 0)' 2>/dev/null; }
has_wasmtime() { python3 -c 'import wasmtime' 2>/dev/null; }
if [ "${RUNNER:-node}" = node ] && has_node; then
  exec_with="${NODE:-node}" program=$here/run.mjs
elif has_wasmtime; then
  exec_with=python3 program=$here/run.py
else
  echo "NOT RUN: there is neither node from version 24 on nor python3 with wasmtime. What was verified is verified; nothing was run." >&2
  exit 3
fi
"$exec_with" "$program" "$blobs/$module" "$blobs/${runtime#sha256:}" "$(field entry)" "$4"
