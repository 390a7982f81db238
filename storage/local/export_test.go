package local

import "os"

// SetSync puts another sync under a journal.
func (j *Journal) SetSync(sync func(*os.File) error) { j.sync = sync }

// SetRoll sets the size at which the next segment begins.
func (j *Journal) SetRoll(size int64) { j.roll = size }
