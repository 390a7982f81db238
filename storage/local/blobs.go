package local

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"

	"accord/attestation"
	"accord/internal/fault"
	"accord/storage"
)

// Blobs keeps binaries as files named by their digest:
//
//	DIR/blobs/ab/cdef…          the octets
//	DIR/blobs/by/PARTNER/HEX    empty; PARTNER put it and no document named it yet
//	DIR/blobs/tmp/…             half a binary of a request that did not end
//
// A file appears under its name only when its octets are on the disk.
type Blobs struct {
	dir string
	mu  sync.Mutex // held while a binary gets or loses its name
}

var _ storage.Blobs = (*Blobs)(nil)

// The folders beside those of the binaries, whose names are two hexadecimal
// digits.
const (
	uploadsDir = "by"
	halvesDir  = "tmp"
)

// OpenBlobs opens the binaries of an archive's directory, and removes the
// halves that a killed process left.
func OpenBlobs(dir string) (*Blobs, error) {
	b := &Blobs{dir: filepath.Join(dir, "blobs")}
	if err := os.RemoveAll(filepath.Join(b.dir, halvesDir)); err != nil {
		return nil, fmt.Errorf("remove halves of blobs: %w", err)
	}
	for _, d := range []string{uploadsDir, halvesDir} {
		if err := os.MkdirAll(filepath.Join(b.dir, d), 0o700); err != nil {
			return nil, fmt.Errorf("make the directory of blobs: %w", err)
		}
	}
	for _, d := range []string{dir, b.dir} {
		if err := syncDir(d); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// hexOf returns the digits of a digest, which are all that its file name is
// made of.
func hexOf(d attestation.Digest) (string, error) {
	sum, ok := d.Sum()
	if !ok {
		return "", fault.New(fault.ResourceNotFound, "not a digest")
	}
	return hex.EncodeToString(sum[:]), nil
}

func (b *Blobs) path(name string) string { return filepath.Join(b.dir, name[:2], name[2:]) }

func (b *Blobs) upload(by attestation.PartnerID, name string) (string, error) {
	if !by.Valid() {
		return "", fault.New(fault.AuthForbidden, "only a partner puts blobs")
	}
	return filepath.Join(b.dir, uploadsDir, string(by), name), nil
}

// Put fulfils [storage.Blobs].
func (b *Blobs) Put(ctx context.Context, d attestation.Digest, by attestation.PartnerID, r io.Reader) (storage.Blob, error) {
	name, err := hexOf(d)
	if err != nil {
		return storage.Blob{}, err
	}
	note, err := b.upload(by, name)
	if err != nil {
		return storage.Blob{}, err
	}
	half, err := os.CreateTemp(filepath.Join(b.dir, halvesDir), "put-")
	if err != nil {
		return storage.Blob{}, full(fmt.Errorf("put blob %s: %w", d, err))
	}
	defer os.Remove(half.Name()) // it has its name by then, or is given up
	size, err := storage.CopyBlob(ctx, half, r, d)
	if err != nil {
		return storage.Blob{}, errors.Join(full(err), half.Close())
	}
	if err := errors.Join(half.Sync(), half.Close()); err != nil {
		return storage.Blob{}, full(fmt.Errorf("put blob %s: %w", d, err))
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.name(half.Name(), name); err != nil {
		return storage.Blob{}, full(fmt.Errorf("put blob %s: %w", d, err))
	}
	if err := b.note(note); err != nil {
		return storage.Blob{}, full(fmt.Errorf("note blob %s: %w", d, err))
	}
	return storage.Blob{Digest: d, Size: size}, nil
}

// name gives a binary its name, durably. One that is there stays.
func (b *Blobs) name(half, name string) error {
	to := b.path(name)
	if _, err := os.Stat(to); err == nil {
		return syncDir(filepath.Dir(to)) // whoever wrote it may not have come that far
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	if err := os.Rename(half, to); err != nil {
		return err
	}
	return errors.Join(syncDir(filepath.Dir(to)), syncDir(b.dir))
}

// note writes down who put a binary, unless that stands there.
func (b *Blobs) note(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), syncDir(filepath.Dir(path)), syncDir(filepath.Join(b.dir, uploadsDir)))
}

// full tells a disk without room from other faults.
func full(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG) {
		return fault.Wrap(err, fault.HTTPStorageFull, "there is no room for the blob now")
	}
	return err
}

// Open fulfils [storage.Blobs].
func (b *Blobs) Open(_ context.Context, d attestation.Digest) (io.ReadCloser, int64, error) {
	name, err := hexOf(d)
	if err != nil {
		return nil, 0, err
	}
	f, err := os.Open(b.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, fault.Newf(fault.ResourceNotFound, "there is no blob %s", d)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("open blob: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("open blob: %w", err), f.Close())
	}
	return f, info.Size(), nil
}

// Uploads fulfils [storage.Blobs].
func (b *Blobs) Uploads(_ context.Context, by attestation.PartnerID) ([]storage.Upload, error) {
	dir, err := b.upload(by, "")
	if err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list uploads: %w", err)
	}
	var out []storage.Upload
	for _, e := range entries {
		note, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // settled meanwhile
		}
		if err != nil {
			return nil, fmt.Errorf("list uploads: %w", err)
		}
		d := attestation.Digest("sha-256:" + e.Name())
		if !d.Valid() {
			continue
		}
		u := storage.Upload{Blob: storage.Blob{Digest: d}, By: by, At: note.ModTime()}
		if info, err := os.Stat(b.path(e.Name())); err == nil {
			u.Size = info.Size()
		}
		out = append(out, u)
	}
	return out, nil
}

// Noted fulfils [storage.Blobs].
func (b *Blobs) Noted(_ context.Context, d attestation.Digest) ([]attestation.PartnerID, error) {
	name, err := hexOf(d)
	if err != nil {
		return nil, err
	}
	paths, err := filepath.Glob(filepath.Join(b.dir, uploadsDir, "*", name))
	if err != nil {
		return nil, fmt.Errorf("look for uploads: %w", err)
	}
	var who []attestation.PartnerID
	for _, p := range paths {
		who = append(who, attestation.PartnerID(filepath.Base(filepath.Dir(p))))
	}
	return who, nil
}

// Settle fulfils [storage.Blobs].
func (b *Blobs) Settle(_ context.Context, by attestation.PartnerID, d attestation.Digest) error {
	name, err := hexOf(d)
	if err != nil {
		return err
	}
	note, err := b.upload(by, name)
	if err != nil {
		return err
	}
	if err := os.Remove(note); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("settle blob: %w", err)
	}
	return nil
}

// Remove fulfils [storage.Blobs].
func (b *Blobs) Remove(ctx context.Context, by attestation.PartnerID, d attestation.Digest) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.Settle(ctx, by, d); err != nil {
		return err
	}
	name, err := hexOf(d)
	if err != nil {
		return err
	}
	others, err := b.Noted(ctx, d)
	if err != nil || len(others) > 0 {
		return err
	}
	if err := os.Remove(b.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove blob: %w", err)
	}
	return nil
}

// Each fulfils [storage.Blobs].
func (b *Blobs) Each(ctx context.Context, f func(storage.Blob) error) error {
	folders, err := os.ReadDir(b.dir)
	if err != nil {
		return fmt.Errorf("list blobs: %w", err)
	}
	for _, folder := range folders {
		if folder.Name() == uploadsDir || folder.Name() == halvesDir {
			continue
		}
		files, err := os.ReadDir(filepath.Join(b.dir, folder.Name()))
		if err != nil {
			return fmt.Errorf("list blobs: %w", err)
		}
		slices.SortFunc(files, func(x, y fs.DirEntry) int { return strings.Compare(x.Name(), y.Name()) })
		for _, file := range files {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			d := attestation.Digest("sha-256:" + folder.Name() + file.Name())
			info, err := file.Info()
			if err != nil || !d.Valid() {
				return fmt.Errorf("list blobs: %s is none", filepath.Join(folder.Name(), file.Name()))
			}
			if err := f(storage.Blob{Digest: d, Size: info.Size()}); err != nil {
				return err
			}
		}
	}
	return nil
}
