package ledger

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"accord/internal/fault"
)

const (
	// TileHeight is the height of a tile (C2SP tlog-tiles fixes it at 8).
	TileHeight = 8
	// TileWidth is the number of hashes of a full tile and of entries of a full
	// bundle.
	TileWidth = 1 << TileHeight
	// maxLevel bounds tile levels: 6 levels of 8 are the 2^48 of maxSize.
	maxLevel = 6
)

// Tile names a resource of C2SP tlog-tiles: a tile of hashes, or a bundle of
// entries when Entries is set (Level is then 0).
type Tile struct {
	Level   int
	Entries bool
	N       uint64
	Width   int // 1 to 256; below 256 the resource is partial
}

// Path returns the path under the log's prefix: tile/L/N[.p/W] or
// tile/entries/N[.p/W], N in groups of three digits ("x001/x234/067").
func (t Tile) Path() string {
	var b strings.Builder
	b.WriteString("tile/")
	if t.Entries {
		b.WriteString("entries")
	} else {
		b.WriteString(strconv.Itoa(t.Level))
	}
	b.WriteByte('/')
	digits := strconv.FormatUint(t.N, 10)
	digits = strings.Repeat("0", (3-len(digits)%3)%3) + digits
	for ; len(digits) > 3; digits = digits[3:] {
		b.WriteString("x" + digits[:3] + "/")
	}
	b.WriteString(digits)
	if t.Width < TileWidth {
		b.WriteString(".p/" + strconv.Itoa(t.Width))
	}
	return b.String()
}

// TilePath returns the path of a hash tile.
func TilePath(level int, n uint64, width int) string {
	return Tile{Level: level, N: n, Width: width}.Path()
}

// EntriesPath returns the path of a bundle of entries.
func EntriesPath(n uint64, width int) string {
	return Tile{Entries: true, N: n, Width: width}.Path()
}

// ParseTilePath reads a path that Path wrote; any other text is
// resource.not_found, so that each resource has one address.
func ParseTilePath(path string) (Tile, error) {
	missing := fault.New(fault.ResourceNotFound, "not the path of a tile or of an entry bundle")
	t := Tile{Width: TileWidth}
	kind, rest, ok := strings.Cut(strings.TrimPrefix(path, "tile/"), "/")
	if !ok || len(path) > 64 {
		return Tile{}, missing
	}
	if kind == "entries" {
		t.Entries = true
	} else {
		level, err := strconv.ParseUint(kind, 10, 8)
		if err != nil {
			return Tile{}, missing
		}
		t.Level = int(level)
	}
	if number, width, partial := strings.Cut(rest, ".p/"); partial {
		w, err := strconv.ParseUint(width, 10, 8)
		if err != nil {
			return Tile{}, missing
		}
		rest, t.Width = number, int(w)
	}
	n, err := strconv.ParseUint(strings.NewReplacer("x", "", "/", "").Replace(rest), 10, 64)
	if err != nil || n > maxSize {
		return Tile{}, missing
	}
	t.N = n
	if t.Level >= maxLevel || t.Width == 0 || t.Path() != path {
		return Tile{}, missing
	}
	return t, nil
}

// AppendBundleEntry appends an entry to a bundle: a big-endian uint16 length
// and the entry.
func AppendBundleEntry(dst, entry []byte) []byte {
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(entry)))
	return append(dst, entry...)
}

// ParseBundle splits a bundle into its entries, which share its memory.
func ParseBundle(bundle []byte) ([][]byte, error) {
	var entries [][]byte
	for len(bundle) > 0 {
		if len(bundle) < 2 || len(bundle)-2 < int(binary.BigEndian.Uint16(bundle)) {
			return nil, fmt.Errorf("entry bundle: cut short after %d entries", len(entries))
		}
		n := int(binary.BigEndian.Uint16(bundle))
		entries = append(entries, bundle[2:2+n:2+n])
		bundle = bundle[2+n:]
	}
	if len(entries) > TileWidth {
		return nil, fmt.Errorf("entry bundle: %d entries", len(entries))
	}
	return entries, nil
}
