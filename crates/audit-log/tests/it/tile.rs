//! Tile paths, tiles and entry bundles.

use std::collections::BTreeMap;

use audit_log::tile::{decode_entries, encode_entries};
use audit_log::{Frontier, Hash, LogError, TileBuilder, TileError, TileKind, TilePath, leaf_hash};
use proptest::prelude::*;

#[test]
fn paths_are_spelt_as_the_format_says() {
    let path = |kind, number, width| TilePath::new(kind, number, width).unwrap().to_string();
    assert_eq!(path(TileKind::Hashes { level: 0 }, 0, 256), "tile/0/000");
    assert_eq!(path(TileKind::Hashes { level: 1 }, 0, 1), "tile/1/000.p/1");
    assert_eq!(
        path(TileKind::Hashes { level: 3 }, 1_234_067, 8),
        "tile/3/x001/x234/067.p/8"
    );
    assert_eq!(
        path(TileKind::Entries, 1_000, 255),
        "tile/entries/x001/000.p/255"
    );
}

#[test]
fn hostile_paths_are_refused() {
    for path in [
        "",
        "tile",
        "tile/",
        "tile/0",
        "tile/0/",
        "tile//000",
        "tile/00/000",
        "tile/64/000",
        "tile/-1/000",
        "tile/+1/000",
        "tile/0/0",
        "tile/0/0000",
        "tile/0/+00",
        "tile/0/x000/000",
        "tile/0/001/000",
        "tile/0/x001/x000",
        "tile/0/xx01/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/257",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/0/000.p",
        "tile/0/000/",
        "tile/0/../../checkpoint",
        "tile/entries/../000",
        "tile/entries/0 0",
        "tile/data/000",
        "tile/0/٠٠٠",
        "/tile/0/000",
        "tile/0/000\n",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
        "tile/0/%30%30%30",
        "tile\\0\\000",
    ] {
        assert_eq!(path.parse::<TilePath>(), Err(TileError::Path), "{path}");
    }
    assert!("tile/0/x1".repeat(10_000).parse::<TilePath>().is_err());
}

#[test]
fn a_tree_has_the_tiles_of_the_example_in_the_format() {
    let size = 70_000;
    let is = |path: &str| path.parse::<TilePath>().unwrap().is_of(size);
    for path in [
        "tile/0/272",
        "tile/0/273.p/112",
        "tile/1/000",
        "tile/1/001.p/17",
        "tile/2/000.p/1",
        "tile/entries/273.p/112",
    ] {
        assert!(is(path), "{path}");
    }
    for path in [
        "tile/0/273",
        "tile/0/273.p/113",
        "tile/0/273.p/111",
        "tile/1/001",
        "tile/2/000.p/2",
        "tile/3/000.p/1",
    ] {
        assert!(!is(path), "{path}");
    }
    let served = |path: &str| path.parse::<TilePath>().unwrap().is_in(size);
    assert!(
        served("tile/0/000.p/7"),
        "a partial tile of an earlier size can still be served"
    );
    assert!(!served("tile/63/000.p/1"));
}

#[test]
fn built_tiles_are_the_stored_hashes() {
    let size = 66_000;
    let mut stored = BTreeMap::new();
    let (mut tree, mut builder, mut tiles) = (Frontier::new(), TileBuilder::new(), Vec::new());
    for n in 0..size {
        let hash = leaf_hash(&u64::to_be_bytes(n));
        stored.extend(tree.push(hash).unwrap());
        tiles.extend(builder.push(hash).unwrap());
    }
    assert_eq!(builder.root(), tree.root());
    tiles.extend(builder.finish().unwrap());
    assert_eq!(tiles.len(), 257 + 1 + 1 + 1 + 1);
    for (path, bytes) in tiles {
        assert!(path.is_of(size), "{path}");
        assert_eq!(path.encode_hashes(size, &stored).unwrap(), bytes, "{path}");
        assert_eq!(path.to_string().parse(), Ok(path));
    }
}

#[test]
fn a_tile_beyond_the_tree_is_refused() {
    let none = BTreeMap::<u64, Hash>::new();
    let path: TilePath = "tile/0/000.p/4".parse().unwrap();
    assert_eq!(
        path.encode_hashes(3, &none),
        Err(TileError::NotInTree { size: 3 })
    );
    assert_eq!(
        path.encode_hashes(4, &none),
        Err(LogError::MissingHash { index: 0 }.into())
    );
    assert_eq!(
        path.hash_indexes(u64::MAX),
        Err(TileError::NotInTree { size: u64::MAX })
    );
    let entries: TilePath = "tile/entries/000.p/4".parse().unwrap();
    assert_eq!(entries.hash_indexes(4), Err(TileError::NotHashes));
    assert_eq!(entries.range(), 0..4);
}

#[test]
fn bundles_are_bounded() {
    let leaf = vec![0; 65_536];
    assert_eq!(
        encode_entries([leaf.as_slice()]),
        Err(LogError::LeafTooLarge { bytes: 65_536 })
    );
    assert_eq!(
        encode_entries(vec![b"".as_slice(); 257]),
        Err(LogError::TileOverfull)
    );
    assert_eq!(
        decode_entries(&[0; 2 * 257]),
        Err(LogError::TileOverfull.into())
    );
    assert_eq!(
        decode_entries(&[0, 1, 7, 0]),
        Err(TileError::Truncated { position: 1 })
    );
    assert_eq!(
        decode_entries(&[0, 2, 7]),
        Err(TileError::Truncated { position: 0 })
    );
    assert_eq!(decode_entries(&[]), Ok(Vec::new()));
}

proptest! {
    #[test]
    fn bundles_round_trip(leaves in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..=256)) {
        let bundle = encode_entries(leaves.iter().map(Vec::as_slice)).unwrap();
        prop_assert_eq!(decode_entries(&bundle).unwrap(), leaves);
    }

    #[test]
    fn any_bytes_decode_or_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        if let Ok(leaves) = decode_entries(&bytes) {
            prop_assert_eq!(encode_entries(leaves).unwrap(), bytes);
        }
    }

    #[test]
    fn any_path_is_refused_or_printed_back(path in "tile/(entries|[0-9]{1,2})/[x0-9/]{1,12}(\\.p/[0-9]{1,3})?") {
        if let Ok(parsed) = path.parse::<TilePath>() {
            prop_assert_eq!(parsed.to_string(), path);
        }
    }
}
