#!/usr/bin/env python3
"""Second, independent verifier of an exported audit log. Written from docs/audit-log-format.md alone.

Usage: verify.py EXPORT_FOLDER [--key NAME+HASH+BASE64] [--earlier CHECKPOINT_FILE]...
Exit status: 0 intact, 1 tampered with, 2 unreadable. Python 3.8 or later, standard library only, no network.
"""
import argparse, base64, hashlib, json, os, re, sys

P = 2**255 - 19  # Ed25519 (RFC 8032), verification only
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P

def add(a, b):
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    u, v, w, s = f - e, h - g, h + g, f + e
    return u * v % P, w * s % P, v * w % P, u * s % P

def multiply(n, point):
    result = (0, 1, 1, 0)
    while n:
        if n & 1:
            result = add(result, point)
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

BASE = decompress((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))

def signature_holds(public, message, signature):
    a, r, s = decompress(public), decompress(signature[:32]), int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or not strong(a) or not strong(r) or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    return same(multiply(s, BASE), add(r, multiply(h, a)))

class Tampered(Exception):
    def __init__(self, what, index=None):
        super().__init__(("at entry %d: " % index if index is not None else "") + what)

class Unreadable(Exception):
    pass

def read(folder, path, limit):
    """The bytes of a regular file of at most `limit` bytes; None if there is no such file."""
    full = os.path.join(folder, *path.split("/"))
    if not os.path.isfile(full):
        return None
    with open(full, "rb") as file:
        data = file.read(limit + 1)
    return data if len(data) <= limit else None

def require(holds, what):
    if not holds:
        raise ValueError(what)

def unbase64(text):
    data = base64.b64decode(text, validate=True)
    require(base64.b64encode(data).decode() == text, "not canonical base64")
    return data

def parse_key(text):
    """(name, key id, public key) of a verifier key."""
    name, key_hash, encoded = text.split("+", 2)
    data = unbase64(encoded)
    key_id = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]
    require(0 < len(name.encode()) <= 255 and not re.search(r"[\s\x00-\x1f\x7f-\x9f]", name), "bad key name")
    require(len(data) == 33 and data[0] == 1 and strong(decompress(data[1:])), "not an Ed25519 public key")
    require(key_hash == key_id.hex(), "the key does not fit its hash")
    return name, key_id, data[1:]

def open_checkpoint(data, key):
    """(size, root) of a signed note."""
    try:
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
        root, size = unbase64(root), int(size)
        require(len(root) == 32 and (size or root == Tree().root()), "bad root")
        return size, root
    except ValueError as error:  # also covers bad UTF-8
        raise Tampered("checkpoint: %s" % error)

def leaf_hash(leaf):
    return hashlib.sha256(b"\0" + leaf).digest()

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
                if len(tile) == 8192:
                    full.append((level // 8, number, tile))
            if not self.size >> level & 1:
                break
            value = hashlib.sha256(b"\1" + self.peaks.pop() + value).digest()
            level += 1
        self.peaks.append(value)
        self.size += 1
        return full

    def partial(self):
        return [(level, *tile) for level, tile in sorted(self.tiles.items()) if len(tile[1]) < 8192]

    def root(self):
        value = self.peaks[-1] if self.peaks else hashlib.sha256().digest()
        for left in reversed(self.peaks[:-1]):
            value = hashlib.sha256(b"\1" + left + value).digest()
        return value

def tile_path(level, number, width):
    groups = "%03d" % (number % 1000)
    while number >= 1000:
        number //= 1000
        groups = "x%03d/%s" % (number % 1000, groups)
    return "tile/%s/%s%s" % (level, groups, "" if width == 256 else ".p/%d" % width)

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
        texts = [*actor.values(), *target.values(), *event["detail"].values()]
        require(all(type(text) is str for text in texts), "texts")
        row = {"index": index, "leaf_hash": leaf_hash(leaf).hex(), "object_id": target["id"],
               "object_type": target["type"], **{"actor_" + name: text for name, text in actor.items()}}
        shown = ("time", "action", "outcome", "agent", "deployment")
        return canonical({**row, **{name: event[name] for name in shown if name in event}}) + b"\n"
    except (ValueError, KeyError, TypeError, RecursionError):
        return None

def walk(folder, rows, size, earlier):
    """Rebuilds the tree from the entries. Returns it with findings [(index, what)], exact and coarse, and the rest."""
    tree, found, coarse, paths, not_event, forked, broken = Tree(), [], [], set(), [], [], False

    def compare(tiles):
        for level, number, data in tiles:
            width = len(data) // 32
            if broken and width < 256:  # stopped inside a tile: the leaf hashes before that can still be compared
                if level:
                    continue
                width = min(256, size - number * 256)
            path = tile_path(level, number, width)
            other = read(folder, path, 32 * width) or b""
            paths.add(path)
            differs = [i for i in range(0, len(data), 32) if data[i:i + 32] != other[i:i + 32]]
            if differs:
                there = len(other) == 32 * width
                finding = number * 256 + (there and differs[0] // 32) << 8 * level, path + " does not fit the entries"
                (coarse if level or not there else found).append(finding)

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
            compare(tree.push(leaf_hash(leaf)))
            check_earlier()
            row, line = row_of(index, leaf), rows.readline(65536)
            if row is None:
                not_event.append(index)
            elif row != line:
                found.append((index, "the row differs from the entry"))
        broken = broken or offset != len(data)
    if broken:
        found.append((tree.size, path + " is missing, cut short or has more than its entries"))
    elif rows.readline(1):
        found.append((size, "a row without an entry"))
    compare(tree.partial())
    return tree, found, coarse, paths, not_event, forked, broken

def verify(folder, trusted=None, earlier_files=()):
    if read(folder, "format", 1024) != b"clearance-audit-export/1\n":
        raise Unreadable("not an export in the form clearance-audit-export/1")
    key_file, note = read(folder, "vkey", 1024), read(folder, "checkpoint", 1000000)
    if key_file is None or note is None:
        raise Unreadable("vkey or checkpoint is missing")
    expected = parse_key(trusted) if trusted else None
    try:
        require(key_file.endswith(b"\n"), "not one line")
        key = parse_key(key_file.decode("utf-8")[:-1])
    except ValueError as error:
        raise Tampered("vkey: %s" % error)
    if expected not in (None, key):
        raise Tampered("vkey is not the trusted key")
    size, root = open_checkpoint(note, key)
    earlier = [open_checkpoint(open(name, "rb").read(), key) for name in earlier_files]
    if any(before > size for before, _ in earlier):
        raise Tampered("more entries were signed before", size)
    rows_path = os.path.join(folder, "rows.jsonl")
    with open(rows_path if os.path.isfile(rows_path) else os.devnull, "rb") as rows:
        tree, found, coarse, paths, not_event, forked, broken = walk(folder, rows, size, earlier)
    signed = not broken and tree.root() == root
    found += [] if signed else [(index, "the entry is not an event") for index in not_event]
    for index, what in sorted(found) + sorted(coarse):
        raise Tampered(what + ("" if signed else "; the entries do not lead to the signed root"), index)
    if not signed or forked:
        raise Tampered("the entries do not lead to the root signed %s" % ("before" if signed else "now"))
    if not_event:
        raise Unreadable("entry %d is not an event" % not_event[0])
    for place, _, names in os.walk(os.path.join(folder, "tile")):
        for path in (os.path.relpath(os.path.join(place, name), folder).replace(os.sep, "/") for name in names):
            if path not in paths:
                raise Tampered("%s is not part of a log of %d entries" % (ascii(path), size))
    return key[0], size, root.hex()

def main():
    parser = argparse.ArgumentParser(description="Verify an exported audit log, offline.")
    parser.add_argument("folder")
    parser.add_argument("--key", help="the log's public key, from somewhere else than the export")
    parser.add_argument("--earlier", action="append", default=[], help="a checkpoint file seen before")
    options = parser.parse_args()
    try:
        print("intact: %s, %d entries, root %s" % verify(options.folder, options.key, options.earlier))
        return 0
    except Tampered as verdict:
        print("tampered: %s" % verdict)
        return 1
    except (Unreadable, OSError, ValueError) as error:
        print("unreadable: %s" % error)
        return 2

if __name__ == "__main__":
    sys.exit(main())
