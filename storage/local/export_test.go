package local

import (
	"encoding/binary"
	"hash/crc32"
	"os"
)

// SetSync puts another sync under a journal.
func (j *Journal) SetSync(sync func(*os.File) error) { j.sync = sync }

// SetRoll sets the size at which the next segment begins.
func (j *Journal) SetRoll(size int64) { j.roll = size }

// SetAhead sets from which size of a segment on the next one is written ahead,
// and the least size of that, without waiting for what is appended.
func (j *Journal) SetAhead(begin, least int64) {
	j.spare.begin, j.spare.least, j.spare.lead = begin, least, 1e6
}

// SpareReady says whether the next segment is written.
func (j *Journal) SpareReady() bool { return j.spare.ready() }

// BatchEnd returns where a batch of a segment ends before it is aligned.
func BatchEnd(segment []byte, at int64) int64 {
	_, length, _, err := header(segment[at:])
	if err != nil {
		panic(err)
	}
	return at + int64(headerSize+length+markSize)
}

// FrameBodies returns where the bodies of the frames of a segment's batches
// lie, as beginning and end; the first of each batch is its head.
func FrameBodies(segment []byte) (batches [][][2]int) {
	for at := 0; at < len(segment); {
		_, length, _, err := header(segment[at:])
		if err != nil {
			panic(err)
		}
		var frames [][2]int
		end := at + headerSize + length
		for f := at + headerSize; f < end; {
			n := int(binary.BigEndian.Uint32(segment[f:]))
			frames = append(frames, [2]int{f + frameSize, f + frameSize + n})
			f += frameSize + n
		}
		batches = append(batches, frames)
		at = int(aligned(int64(end + markSize)))
	}
	return batches
}

// Reseal makes every checksum of a segment good again.
func Reseal(segment []byte) {
	at := 0
	for _, frames := range FrameBodies(segment) {
		for _, f := range frames {
			binary.BigEndian.PutUint32(segment[f[0]-4:], crc32.Checksum(segment[f[0]:f[1]], crcTable))
		}
		end := frames[len(frames)-1][1]
		sum := uint32(0)
		for n, f := range frames {
			stays := segment[f[0]-frameSize : f[1]]
			if n > 0 && n%3 != 1 {
				stays = stays[:frameSize] // of a rest or a body
			}
			sum = crc32.Update(sum, crcTable, stays)
		}
		binary.BigEndian.PutUint32(segment[at+8:], sum)
		binary.BigEndian.PutUint32(segment[end+4:], sum)
		at = int(aligned(int64(end + markSize)))
	}
}
