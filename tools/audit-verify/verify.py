#!/usr/bin/env python3
"""Second, independent verifier of an exported audit log. Written from docs/audit-log-format.md alone.
Exit status: 0 intact, 1 tampered with, 2 unreadable. Python 3.8 or later, standard library only, no network."""
import argparse, base64, functools, hashlib, json, os, re, sys

# Ed25519 (RFC 8032), verification only
P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P

def add(a, b):
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    u, v, w, s = f - e, h - g, h + g, f + e
    return u * v % P, w * s % P, v * w % P, u * s % P

def multiply(n, point):
    result = (0, 1, 1, 0)
    while n:
        result = add(result, point) if n & 1 else result
        point, n = add(point, point), n >> 1
    return result

def decompress(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if len(data) != 32 or y >= P or (x * x - x2) % P or (x == 0 and sign):
        return None
    x = x if x & 1 == sign else P - x
    return x, y, 1, x * y % P

def same(a, b):
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0

def strong(point):
    return point is not None and not same(multiply(8, point), (0, 1, 1, 0))

@functools.lru_cache(maxsize=None)
def signature_holds(public, message, signature):
    a, r, s = decompress(public), decompress(signature[:32]), int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or not strong(a) or not strong(r) or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    base = decompress((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
    return same(multiply(s, base), add(r, multiply(h, a)))

class Tampered(Exception):
    """The export contradicts itself, its signature or an earlier checkpoint."""

def read(folder, path, limit):
    """The bytes of a regular file of at most `limit` bytes; None if there is no such file."""
    full = os.path.join(folder, path)
    if os.path.isfile(full) and os.path.getsize(full) <= limit:
        with open(full, "rb") as file:
            return file.read(limit)

def require(holds, what, error=ValueError):
    if not holds:
        raise error(what)

def unbase64(text):
    data = base64.b64decode(text, validate=True)
    require(base64.b64encode(data).decode() == text, "not canonical base64")
    return data

@functools.lru_cache(maxsize=None)
def parse_key(text, kind=1):
    """(name, key id, public key) of a verifier key; 1 is the kind of a log's key, 4 of a witness's."""
    name, key_hash, encoded = text.split("+", 2)
    data = unbase64(encoded)
    key_id = sha256(name.encode(), b"\n", data)[:4]
    require(0 < len(name.encode()) <= 255 and not re.search(r"[\s\x00-\x1f\x7f-\x9f]", name), "bad key name")
    require(len(data) == 33 and data[0] == kind and strong(decompress(data[1:])), "not an Ed25519 public key")
    require(key_hash == key_id.hex(), "the key does not fit its hash")
    return name, key_id, data[1:]

def open_checkpoint(data, key):
    """(size, root) of a signed note."""
    note = data.decode("utf-8")
    require(not re.search(r"[\x00-\x09\x0b-\x1f]", note), "control character")
    text, signatures = note.rsplit("\n\n", 1)
    text, lines, verified = text + "\n", signatures.split("\n"), False
    require(lines.pop() == "" and 1 <= len(lines) <= 100, "bad signature lines")
    for line in lines:
        dash, name, encoded = line.split(" ")
        blob = unbase64(encoded)
        require(dash == "\u2014" and name and len(blob) > 4 and not re.search(r"[\s+]", name), "bad signature line")
        if (name, blob[:4]) == key[:2] and not verified:
            require(signature_holds(key[2], text.encode(), blob[4:]), "the signature does not hold")
            verified = True
    require(verified, "no signature by the key")
    origin, size, root, end = text.split("\n")
    require(origin == key[0] and not end, "not three lines by the key of that name")
    require(re.fullmatch("0|[1-9][0-9]{0,15}", size) and int(size) <= 1 << 48, "bad size")
    require(len(unbase64(root)) == 32 and (size != "0" or unbase64(root) == sha256()), "bad root")
    return int(size), unbase64(root)

def check_witnesses(data, keys, quorum):
    """How many witnesses have seen the checkpoint of a signed note that open_checkpoint took; too few are an alarm."""
    text, signatures = data.decode("utf-8").rsplit("\n\n", 1)
    seen = set()
    for line in signatures.splitlines():
        name, blob = line.split(" ")[1], unbase64(line.split(" ")[2])
        for key in keys:
            if (name, blob[:4]) == key[:2] and key not in seen:
                time = int.from_bytes(blob[4:12], "big")
                message = "cosignature/v1\ntime %d\n%s\n" % (time, text)
                holds = time < 1 << 63 and signature_holds(key[2], message.encode(), blob[12:])
                require(holds, "the cosignature of %s does not hold" % name, Tampered)
                seen.add(key)
    require(len(seen) >= quorum, "%d of the %d witnesses needed have seen it" % (len(seen), quorum), Tampered)

def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()

class Tree:
    """The Merkle tree of RFC 6962 and its tiles, built leaf by leaf."""
    def __init__(self):
        self.size, self.peaks, self.tiles = 0, [], {}

    def push(self, value):
        """Appends a leaf hash; returns the full tiles [(level, number, bytes)] that this completes."""
        full, level = [], 0
        while True:
            if level % 8 == 0:
                number, tile = self.tiles.get(level // 8, (0, b""))
                number, tile = (number, tile + value) if len(tile) < 8192 else (number + 1, value)
                self.tiles[level // 8] = number, tile
                full += [(level // 8, number, tile)] if len(tile) == 8192 else []
            if not self.size >> level & 1:
                self.peaks.append(value)
                self.size += 1
                return full
            value, level = sha256(b"\1", self.peaks.pop(), value), level + 1

    def partial(self):
        return [(level, *tile) for level, tile in sorted(self.tiles.items()) if len(tile[1]) < 8192]

    def root(self):
        value = self.peaks[-1] if self.peaks else sha256()
        for left in reversed(self.peaks[:-1]):
            value = sha256(b"\1", left, value)
        return value

def tile_path(level, number, width):
    groups = "%03d" % (number % 1000)
    while number >= 1000:
        number //= 1000
        groups = "x%03d/%s" % (number % 1000, groups)
    return "tile/%s/%s" % (level, groups) + ("" if width == 256 else ".p/%d" % width)

REQUIRED = ("v", "id", "time", "actor", "action", "object", "outcome", "request_id", "detail")
TYPES = dict.fromkeys(REQUIRED + ("agent", "subject_digest", "reason"), str)
TYPES.update(v=int, deployment=int, actor=dict, object=dict, detail=dict)

def canonical(value):
    """RFC 8785 for the values that occur: objects with ASCII keys, strings, integers."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()

def row_of(index, leaf):
    """The line that rows.jsonl must have for the leaf; None if it is not an event in canonical form."""
    try:
        event = json.loads(leaf.decode("utf-8"))
        actor, target = event["actor"], event["object"]
        require(canonical(event) == leaf and event["v"] == 1 and event["outcome"] in ("done", "refused"), "form")
        require(all(type(event[name]) is TYPES[name] for name in set(event) | set(REQUIRED)), "types")
        require(set(actor) == {"kind", "id", "name"} and set(target) == {"type", "id"}, "fields")
        require({type(text) for part in (actor, target, event["detail"]) for text in part.values()} <= {str}, "texts")
        row = {"index": index, "leaf_hash": sha256(b"\0", leaf).hex(), "object_id": target["id"],
               "object_type": target["type"], **{"actor_" + name: text for name, text in actor.items()}}
        row.update((n, event[n]) for n in ("time", "action", "outcome", "agent", "deployment") if n in event)
        return canonical(row) + b"\n"
    except (ValueError, KeyError, TypeError, RecursionError):
        return None

def walk(folder, rows, size, earlier):
    """Rebuilds the tree from the entries. Returns it with findings [(index, what)], exact and coarse, and the rest."""
    tree, found, coarse, paths, not_event, forked, broken = Tree(), [], [], set(), [], [], False

    def compare(tiles):
        for level, number, data in tiles:
            width = len(data) // 32
            if broken and width < 256 and level:
                continue  # stopped inside a tile: only the leaf hashes before that can be compared
            width = width if level else min(256, size - number * 256)
            path = tile_path(level, number, width)
            other = read(folder, path, 32 * width) or b""
            paths.add(path)
            differs = [i for i in range(0, len(data), 32) if data[i:i + 32] != other[i:i + 32]]
            if differs:
                whole = len(other) == 32 * width
                index = number * 256 + (differs[0] // 32 if whole else 0) << 8 * level
                (coarse if level or not whole else found).append((index, path + " does not fit the entries"))

    def check_earlier():
        forked.extend(before for before, root in earlier if before == tree.size and root != tree.root())

    check_earlier()
    while tree.size < size and not broken:
        start, width, offset = tree.size, min(256, size - tree.size), 0
        path = tile_path("entries", start // 256, width)
        data = read(folder, path, 256 * 65537) or b""
        paths.add(path)
        for index in range(start, start + width):
            leaf = data[offset + 2:offset + 2 + int.from_bytes(data[offset:offset + 2], "big")]
            broken = offset + 2 > len(data) or len(leaf) != int.from_bytes(data[offset:offset + 2], "big")
            if broken:
                break
            offset += 2 + len(leaf)
            compare(tree.push(sha256(b"\0", leaf)))
            check_earlier()
            row, line = row_of(index, leaf), rows.readline(65536)
            not_event += [index] if row is None else []
            found += [(index, "the row differs from the entry")] if row not in (None, line) else []
        broken = broken or offset != len(data)
    if broken:
        found.append((tree.size, path + " is missing, cut short or has more than its entries"))
    elif rows.readline(1):
        found.append((size, "a row without an entry"))
    compare(tree.partial())
    return tree, found, coarse, paths, not_event, forked, broken

def verify(folder, trusted=None, earlier_files=(), witnesses=(), quorum=0):
    require(read(folder, "format", 99) == b"clearance-audit-export/1\n", "not a clearance-audit-export/1")
    key_file, note = read(folder, "vkey", 1024), read(folder, "checkpoint", 1000000)
    require(key_file is not None and note is not None, "vkey or checkpoint is missing")
    expected, witnesses = parse_key(trusted) if trusted else None, [parse_key(text, 4) for text in witnesses]
    quorum, distinct = quorum or len(witnesses), [len({key[part] for key in witnesses}) for part in (0, 2)]
    require(quorum <= len(witnesses) == min(distinct) == max(distinct), "no such quorum, or a witness is given twice")
    try:  # bad UTF-8 is a ValueError too
        require(key_file.endswith(b"\n"), "vkey is not one line")
        key = parse_key(key_file.decode("utf-8")[:-1])
        require(expected in (None, key), "vkey is not the trusted key")
        size, root = open_checkpoint(note, key)
        earlier = [open_checkpoint(open(name, "rb").read(), key) for name in earlier_files]
    except ValueError as error:
        raise Tampered("vkey or checkpoint: %s" % error)
    require(all(before <= size for before, _ in earlier), "at entry %d: more were signed before" % size, Tampered)
    rows_file = os.path.join(folder, "rows.jsonl")
    with open(rows_file if os.path.isfile(rows_file) else os.devnull, "rb") as rows:
        tree, found, coarse, paths, not_event, forked, broken = walk(folder, rows, size, earlier)
    signed = not broken and tree.root() == root
    found += [] if signed else [(index, "the entry is not an event") for index in not_event]
    for finding in sorted(found) + sorted(coarse):
        raise Tampered("at entry %d: %s" % finding + ("" if signed else "; the entries do not lead to the signed root"))
    require(signed, "the entries do not lead to the signed root", Tampered)
    require(not forked, "the first %d entries are not those signed before" % (forked or [0])[0], Tampered)
    require(not not_event, "entry %d is not an event" % (not_event or [0])[0])
    for place, _, names in os.walk(os.path.join(folder, "tile")):
        for path in (os.path.relpath(os.path.join(place, name), folder).replace(os.sep, "/") for name in names):
            require(path in paths, "%s is not part of a log of %d entries" % (ascii(path), size), Tampered)
    check_witnesses(note, witnesses, quorum)
    return key[0], size, root.hex()

def judge(folder, key=None, earlier=(), witnesses=(), quorum=0):
    """(exit status, text) for one export."""
    try:
        return 0, "intact: %s, %d entries, root %s" % verify(folder, key, earlier, witnesses, quorum)
    except Tampered as verdict:
        return 1, "tampered: %s" % verdict
    except (OSError, ValueError) as error:
        return 2, "unreadable: %s" % error

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Verify an exported audit log, offline.")
    parser.add_argument("folder", nargs="?")
    parser.add_argument("--key", help="the log's public key, from somewhere else than the export")
    parser.add_argument("--earlier", action="append", default=[], help="a checkpoint file seen before")
    parser.add_argument("--witness", action="append", default=[], help="public key of a witness that must have seen it")
    parser.add_argument("--quorum", type=int, default=0, help="how many of the witnesses must have seen it; else all")
    parser.add_argument("--list", metavar="FILE", help="judge many: a line of JSON each, as docs/audit-log-format.md says")
    options = parser.parse_args()
    if options.list:  # a line of JSON for each, with its exit status; the worst is our own
        verdicts = [judge(**json.loads(line)) for line in open(options.list, encoding="utf-8")]
        for code, text in verdicts:
            print(json.dumps({"code": code, "text": text}))
        sys.exit(max([code for code, _ in verdicts], default=0))
    if not options.folder:
        parser.error("a folder or --list is needed")
    code, text = judge(options.folder, options.key, options.earlier, options.witness, options.quorum)
    print(text)
    sys.exit(code)
