#!/usr/bin/env python3
"""Second, independent check of an unpacked evidence package: signature, files, log, counts and sample. Written from
docs/compliance.md and docs/audit-log-format.md; verify.py beside it checks the log inside. Exit status as there: 0 intact, 1 changed,
2 unreadable. Python 3.8 or later, standard library only, no network."""
import argparse, csv, hashlib, json, os, sys
from verify import Tampered, parse_key, open_checkpoint, read, require, sha256, signature_holds, tile_path, unbase64, verify

SMALL, SAMPLE_MAX = 4_000_000, 500
NAMES = {"INSTRUCTIONS.txt", "catalogue.json", "controls.csv", "events.csv", "oscal.json", "package.json", "policy.yaml", "report.html"}
FIELDS = {"format", "framework", "catalogue", "scope", "log", "sample", "files"}

def whole(folder, path):
    """The bytes of a file that must be there, and is no link."""
    require(not os.path.islink(os.path.join(folder, path)), "%s is a link" % path)
    data = read(folder, path, SMALL)
    require(data is not None, "%s is missing or far too long" % path)
    return data

def digest_of(path):
    require(os.path.isfile(path) and not os.path.islink(path), "%s is not a file" % path)
    total = hashlib.sha256()
    with open(path, "rb") as file:
        for piece in iter(lambda: file.read(1 << 20), b""):
            total.update(piece)
    return total.hexdigest()

def signed_manifest(folder, key):
    """The manifest, if the note beside it is a statement about its digest by the log's key."""
    data, note = whole(folder, "manifest.json"), whole(folder, "manifest.sig").decode("utf-8")
    manifest = json.loads(data)
    require(set(manifest) == FIELDS and manifest["format"] == "clearance-evidence-package/1", "not a clearance-evidence-package/1")
    text = "%s\nclearance evidence v1\nsha256:%s\n" % (key[0], hashlib.sha256(data).hexdigest())
    holds = False
    if note.startswith(text + "\n"):
        for line in note[len(text) + 1:].splitlines():
            dash, name, encoded = (line.split(" ") + ["", ""])[:3]
            try:
                blob = unbase64(encoded)
            except ValueError:
                continue
            known = dash == "\u2014" and (name, blob[:4]) == key[:2]
            holds = holds or known and signature_holds(key[2], text.encode(), blob[4:])
    require(holds, "manifest.json: the signature by the log's key does not hold", Tampered)
    return manifest

def check_files(folder, files):
    """Every file is the one that was signed, and there are no others."""
    require(NAMES <= set(files), "the manifest does not name every file", Tampered)
    for path, digest in files.items():
        plain = all(part and not part.startswith(".") for part in path.split("/")) and "\\" not in path
        require(plain, "the manifest names a file outside the package", Tampered)
        require(digest_of(os.path.join(folder, path)) == digest, "%s is not the file that was signed" % path, Tampered)
    for place, prefix in (folder, ""), (os.path.join(folder, "sample"), "sample/"):
        there = os.listdir(place) if os.path.isdir(place) else []
        for path in (prefix + name for name in there):
            known = path in files or path in ("manifest.json", "manifest.sig", "log", "sample")
            require(known, "%s: nobody signed it" % ascii(path), Tampered)

def entries(log, size):
    """(index, leaf) of every entry of a log that verify.py found intact."""
    for start in range(0, size, 256):
        data, offset = read(log, tile_path("entries", start // 256, min(256, size - start)), 256 * 65537), 0
        for index in range(start, min(start + 256, size)):
            length = int.from_bytes(data[offset:offset + 2], "big")
            yield index, data[offset + 2:offset + 2 + length]
            offset += 2 + length

def supports(event, scope, wanted):
    inside = scope["from"] <= event["time"] < scope["to"]
    return event["action"] in wanted and inside and scope["agent"] in (None, event.get("agent"))

def weigh(catalogue, manifest, counts):
    """What package.json must say: counts are {action: [indexes]}."""
    mapped = next(one for one in catalogue["frameworks"] if one["framework"] == manifest["framework"])
    found = lambda actions: [index for action in set(actions) for index in counts.get(action, [])]
    controls, used = [], set()
    for control in mapped["controls"]:
        kinds = [kind for kind in catalogue["evidence"] if kind["key"] in control["evidence"]]
        used.update(action for kind in kinds for action in kind["actions"])
        evidence = [{"key": kind["key"], "title": kind["title"], "count": len(found(kind["actions"])),
                     "newest": max(found(kind["actions"]), default=None)} for kind in kinds]
        total = len(found(action for kind in kinds for action in kind["actions"]))
        gap = control.get("gap") or (None if total else "No event in this period and scope")
        controls.append({"id": control["id"], "title": control["title"], "evidence": evidence, "total": total, "gap": gap})
    return {"framework": manifest["framework"], "edition": mapped["edition"], "catalogue": catalogue["version"],
            "scope": manifest["scope"], "controls": controls, "events": len(found(used))}

def recount(folder, manifest):
    """Works out counts, rows and sample again from the entries of the log. Returns the leaves of the sample."""
    catalogue = json.loads(whole(folder, "catalogue.json"))
    mapped = next(one for one in catalogue["frameworks"] if one["framework"] == manifest["framework"])
    keys = {key for control in mapped["controls"] for key in control["evidence"]}
    wanted = {action for kind in catalogue["evidence"] if kind["key"] in keys for action in kind["actions"]}
    counts, leaves, rows = {}, {}, []
    chosen = set(manifest["sample"]["events"])
    for index, leaf in entries(os.path.join(folder, "log"), manifest["log"]["size"]):
        event = json.loads(leaf)
        if supports(event, manifest["scope"], wanted):
            counts.setdefault(event["action"], []).append(index)
            rows.append((str(index), event["time"], event["action"], sha256(b"\0", leaf).hex()))
        if index in chosen:
            leaves[index] = leaf
    said = json.loads(whole(folder, "package.json"))
    require(weigh(catalogue, manifest, counts) == said, "package.json: its counts are not those of the log", Tampered)
    with open(os.path.join(folder, "events.csv"), encoding="utf-8", newline="") as file:
        there = [(row["event"], row["time"], row["action"], row["leaf_sha256"]) for row in csv.DictReader(file)]
    require(there == rows, "events.csv: its rows are not those of the log", Tampered)
    seed, most = manifest["sample"]["seed"], min(manifest["sample"]["asked"], SAMPLE_MAX)
    rank = lambda index: hashlib.sha256(("%s:%d" % (seed, index)).encode()).digest()
    again = sorted(sorted((index for all in counts.values() for index in all), key=rank)[:most])
    require(again == manifest["sample"]["events"], "manifest.json: its sample is not the one of its seed", Tampered)
    return leaves

def path_leads_to(index, size, value, hashes, root):
    """Whether an audit path leads from a leaf's hash to a root (RFC 9162, section 2.1.3.2)."""
    last = size - 1
    for other in hashes:
        if last == 0:
            return False
        if index & 1 or index == last:
            value = sha256(b"\1", other, value)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            value = sha256(b"\1", value, other)
        index, last = index >> 1, last >> 1
    return last == 0 and value == root

def proves(proof, leaf, index, key):
    """Whether a tlog-proof shows that the entry with this index is this leaf."""
    head, checkpoint = proof.split("\n\n", 1)
    lines = head.split("\n")
    lines = lines[:1] + [line for line in lines[1:] if not line.startswith("extra ")]
    if lines[:2] != ["c2sp.org/tlog-proof@v1", "index %d" % index]:
        return False
    size, root = open_checkpoint(checkpoint.encode(), key)
    hashes = [unbase64(line) for line in lines[2:]]
    return index < size and path_leads_to(index, size, sha256(b"\0", leaf), hashes, root)

def check_sample(folder, leaves, key):
    """The files of the sample are entries of the log, and each is proven by itself."""
    for index, leaf in leaves.items():
        name = "sample/event-%d" % index
        require(whole(folder, name + ".json") == leaf, "%s.json is not the entry" % name, Tampered)
        proof = whole(folder, name + ".tlog-proof").decode("utf-8")
        require(proves(proof, leaf, index, key), "%s.tlog-proof does not prove its event" % name, Tampered)

def judge(folder, key_text, witnesses=(), quorum=0):
    """(exit status, text) for one package."""
    try:
        key = parse_key(key_text)
        manifest = signed_manifest(folder, key)
        check_files(folder, manifest["files"])
        log = verify(os.path.join(folder, "log"), key_text, (), witnesses, quorum)
        said = tuple(manifest["log"][name] for name in ("origin", "size", "root"))
        require(said == log, "log: it is not the log that the manifest names", Tampered)
        check_sample(folder, recount(folder, manifest), key)
        return 0, "intact: %s, log of %d entries" % (manifest["framework"], log[1])
    except Tampered as verdict:
        return 1, "changed: %s" % verdict
    except (OSError, ValueError, KeyError, TypeError, StopIteration) as error:
        return 2, "unreadable: %s" % error

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Check an unpacked evidence package, offline.")
    parser.add_argument("folder")
    parser.add_argument("--key", required=True, help="the log's public key, from somewhere else than the package")
    parser.add_argument("--witness", action="append", default=[], help="public key of a witness that must have seen the log")
    parser.add_argument("--quorum", type=int, default=0, help="how many of the witnesses must have seen it; else all")
    options = parser.parse_args()
    code, text = judge(options.folder, options.key, options.witness, options.quorum)
    print(text)
    sys.exit(code)
