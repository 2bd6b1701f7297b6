#!/bin/sh
# A xibu plugin in POSIX sh with head, od, awk and wc: appends each message to a file, once per key.
# A stand-in for a channel that is a program taking text; put yours where append() is.
# What it is not: it keeps no files that come with a message, only their names.
#
#     [plugin.append]
#     program = "plugins/append.sh"
#     [plugin.append.settings]
#     file = "/var/spool/xibu/messages.txt"
set -u
export LC_ALL=C
file=

# One frame out: a length (u32, little endian) and the JSON header.
send() {
    n=$(printf %s "$1" | wc -c)
    # shellcheck disable=SC2059 # the format is made of four octal escapes
    printf "$(printf '\\%03o\\%03o\\%03o\\%03o' $((n % 256)) $((n / 256 % 256)) $((n / 65536 % 256)) $((n / 16777216)))"
    printf %s "$1"
}

# One header in: into $header; fails at the end of the stream. head reads no more than it is told.
receive() {
    # shellcheck disable=SC2046 # four numbers are four words
    set -- $(head -c 4 | od -An -tu1)
    [ $# -eq 4 ] || return 1
    header=$(head -c $(($1 + $2 * 256 + $3 * 65536 + $4 * 16777216)))
}

# Reads JSON into v["path"], paths like .request.messages.0.text, and the length of lists into n["path"].
json='
function skip() { while (index(" \t\r\n", substr(s, at, 1)) && at <= len) at++ }
function hex(text,   i, sum) {
    for (i = 1; i <= length(text); i++) sum = sum * 16 + index("0123456789abcdef", tolower(substr(text, i, 1))) - 1
    return sum
}
function utf8(code) {
    if (code < 128) return sprintf("%c", code)
    if (code < 2048) return sprintf("%c%c", 192 + int(code / 64), 128 + code % 64)
    return sprintf("%c%c%c", 224 + int(code / 4096), 128 + int(code / 64) % 64, 128 + code % 64)
}
function string(   c, out) {
    for (at++; at <= len; ) {
        c = substr(s, at++, 1)
        if (c == "\"") break
        if (c == "\\") {
            c = substr(s, at++, 1)
            if (c == "n") c = "\n"
            else if (c == "t") c = "\t"
            else if (c == "r") c = "\r"
            else if (c == "b" || c == "f") c = " "
            else if (c == "u") { c = utf8(hex(substr(s, at, 4))); at += 4 }
        }
        out = out c
    }
    return out
}
function value(path,   c, i, k) {
    skip()
    c = substr(s, at, 1)
    if (c == "\"") { v[path] = string(); return }
    if (c == "{" || c == "[") {
        k = c; i = 0; at++; skip()
        if (index("}]", substr(s, at, 1))) { at++; n[path] = 0; return }
        do {
            skip()
            if (k == "{") { c = string(); skip(); at++ } else c = i
            value(path "." c)
            i++; skip(); c = substr(s, at++, 1)
        } while (c == ",")
        n[path] = i
        return
    }
    for (i = at; at <= len && index("-+.0123456789aeflnrstuE", substr(s, at, 1)); ) at++
    v[path] = substr(s, i, at - i)
}
{ s = s (NR > 1 ? "\n" : "") $0 }
END { len = length(s); at = 1; value(""); act() }
'

# What of the header one wants to know.
get() {
    printf %s "$header" | awk -v want="$1" "$json"'function act() { printf "%s", v[want] }'
}

# How many bytes of blobs follow.
blob_bytes() {
    printf %s "$header" | awk "$json"'
        function act(   i, sum) { for (i = 0; i < n[".blobs"]; i++) sum += v[".blobs." i]; printf "%d", sum }'
}

# Appends the messages and prints one emit for each. A key that stands in the file already is not written again.
append() {
    printf %s "$header" | awk -v file="$file" "$json"'
        function act(   i, j, m, line, known, failed) {
            while ((getline line < file) > 0) known[line] = 1
            close(file)
            for (i = 0; i < n[".request.messages"]; i++) {
                m = ".request.messages." i
                if (!(("Key: " v[m ".key"]) in known)) {
                    printf "Key: %s\nTo: %s\nSubject: %s\n", v[m ".key"], v[m ".address"], v[m ".subject"] >> file
                    for (j = 0; j < n[m ".attachments"]; j++)
                        printf "File: %s\n", v[m ".attachments." j ".file_name"] >> file
                    printf "\n%s\n\n", v[m ".text"] >> file
                }
            }
            failed = close(file) > 0
            for (i = 0; i < n[".request.messages"]; i++)
                printf "{\"frame\":\"emit\",\"call\":%s,\"item\":\"delivered\",\"index\":%d,\"outcome\":%s}\n", v[".id"], i, \
                    failed ? "{\"outcome\":\"unknown\"}" : "{\"outcome\":\"accepted\",\"reference\":\"\"}"
        }'
}

described='"item":"described","id":"append","title":"追加到文件","version":"1.0.0","capabilities":["notify"],
"settings_schema":{"type":"object","additionalProperties":false,"required":["file"],"properties":{
"file":{"type":"string","pattern":"^/","description":"追加到哪个文件（绝对路径） / the file, absolute",
"examples":["/var/spool/xibu/messages.txt"]}}}'

send '{"frame":"hello","protocol":"xibu-plugin","major":1,"minor":1}'
while receive; do
    case $(get .frame) in
    goodbye) exit 0 ;;
    call) ;;
    *) continue ;;
    esac
    head -c "$(blob_bytes)" >/dev/null
    call=$(get .id)
    status='"status":"done"'
    case $(get .request.op) in
    describe) send "{\"frame\":\"emit\",\"call\":$call,$described}" ;;
    configure) file=$(get .request.settings.file) ;;
    deliver)
        if : >>"$file"; then
            append | while IFS= read -r line; do send "$line"; done
        else
            status='"status":"failed","detail":"the file cannot be written"'
        fi
        ;;
    *) status='"status":"unsupported"' ;;
    esac
    send "{\"frame\":\"reply\",\"call\":$call,$status}"
done
