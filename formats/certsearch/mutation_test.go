package certsearch_test

import (
	"bytes"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"accord/formats/certsearch"
	"accord/formats/native"
	"accord/internal/fault"
)

// A file that is damaged anywhere, by what is markup to the readers, makes no
// panic; what is taken of it can be written and read again. It found what
// octets alone did not.
func TestReader_damagedFiles(t *testing.T) {
	t.Parallel()
	marks := []string{"<", ">", "</", "/>", "<!--", "-->", "<![CDATA[", "]]>", "<?", `"`, ",", "\n", "\r", "\x00", "&", "&#x0;", ";", "\ufeff"}
	for _, name := range []string{"testdata/two.csv", "testdata/two.xml"} {
		src, err := os.ReadFile(name)
		require.NoError(t, err)
		random := rand.New(rand.NewPCG(1, 2))
		taken, refused := 0, 0
		for range 3_000 {
			b := damaged(random, src, marks)
			out, err := read(t, bytes.NewReader(b), certsearch.Options{AsOf: "2025-06-01"})
			require.False(t, err != nil && fault.CodeOf(err) == fault.Internal, "%v\n%s", err, b)
			for _, o := range out {
				if o.err != nil {
					require.NotEmpty(t, fault.All(o.err))
					require.NotEqual(t, fault.Internal, fault.CodeOf(o.err), "%v", o.err)
					refused++
					continue
				}
				taken++
				again, err := native.DecodeJSON(native.AppendJSON(nil, o.sub))
				require.NoError(t, err, "%s", b)
				require.Equal(t, o.sub, again)
			}
		}
		require.Positive(t, taken)
		require.Positive(t, refused)
	}
}

func damaged(random *rand.Rand, src []byte, marks []string) []byte {
	b := bytes.Clone(src)
	for range 1 + random.IntN(4) {
		i := random.IntN(len(b))
		switch random.IntN(3) {
		case 0:
			mark := marks[random.IntN(len(marks))]
			b = bytes.Join([][]byte{b[:i], []byte(mark), b[i:]}, nil)
		case 1:
			b = bytes.Join([][]byte{b[:i], []byte("x"), b[min(len(b), i+random.IntN(30)):]}, nil)
		default:
			b[i] = byte(random.Uint32())
		}
	}
	return b
}
