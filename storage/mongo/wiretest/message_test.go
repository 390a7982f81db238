package wiretest_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"accord/storage/mongo/wiretest"
)

func TestMessage_isTheSameWhenWrittenAnew(t *testing.T) {
	t.Parallel()
	for name, msg := range map[string][]byte{"OP_MSG": wiretest.Sample(), "OP_QUERY": wiretest.SampleQuery()} {
		again, err := wiretest.Recode(bytes.NewReader(msg))
		require.NoError(t, err, name)
		require.Equal(t, msg, again, name)
	}
	again, err := wiretest.Recode(bytes.NewReader(wiretest.WithChecksum(wiretest.Sample())))
	require.NoError(t, err)
	require.Equal(t, wiretest.Sample(), again, "without the checksum")
}

// Every cut and every changed octet gives an error or a message, never a panic.
func TestMessage_damaged(t *testing.T) {
	t.Parallel()
	for _, msg := range [][]byte{wiretest.Sample(), wiretest.SampleQuery()} {
		for i := range msg {
			_, err := wiretest.Recode(bytes.NewReader(msg[:i]))
			require.Error(t, err, "cut at %d", i)
			for _, change := range []byte{0x01, 0x80, 0xFF} {
				damaged := bytes.Clone(msg)
				damaged[i] ^= change
				_, _ = wiretest.Recode(bytes.NewReader(damaged))
			}
		}
	}
}

func FuzzMessage(f *testing.F) {
	f.Add(wiretest.Sample())
	f.Add(wiretest.SampleQuery())
	f.Add(wiretest.WithChecksum(wiretest.Sample()))
	f.Fuzz(func(t *testing.T, msg []byte) {
		once, err := wiretest.Recode(bytes.NewReader(msg))
		if err != nil {
			return
		}
		twice, err := wiretest.Recode(bytes.NewReader(once))
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if !bytes.Equal(once, twice) {
			t.Fatalf("%x\n%x", once, twice)
		}
	})
}
