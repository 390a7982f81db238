package ledger

import "crypto/sha256"

// MemoryFile lets a test put a failing file under a Memory.
type MemoryFile = memoryFile

// MemoryOn returns a new memory on a file that is not the operating system's.
func MemoryOn(f MemoryFile, origin string) (*Memory, error) {
	first := slot{counter: 1, origin: sha256.Sum256([]byte(origin)), head: Head{Root: EmptyRoot()}}
	if err := writeSlot(f, first, 0); err != nil {
		return nil, err
	}
	return newMemory(f, first, 1), nil
}
