package storage

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestFields_areReadBackEqual(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String()
		f := Fields{
			Seq: rapid.IntRange(0, 1000).Draw(t, "seq"), Asserted: text.Draw(t, "asserted"), ValidFrom: rapid.Int64().Draw(t, "from"),
			Expires: rapid.Int64().Draw(t, "expires"), Issued: text.Draw(t, "issued"), Number: text.Draw(t, "number"),
			Scheme: text.Draw(t, "scheme"), Kind: text.Draw(t, "kind"), Terms: rapid.SliceOfN(text, 0, 5).Draw(t, "terms"),
		}
		if len(f.Terms) == 0 {
			f.Terms = nil
		}
		var got Fields
		c := cursor{left: string(f.append(nil))}
		if got.parse(&c); !c.ended() {
			t.Fatalf("not read whole: %q", f.append(nil))
		}
		got.Seq = f.Seq // it stands in the skeleton
		if d := cmp.Diff(f, got); d != "" {
			t.Fatal(d)
		}
	})
}

// TestNormalise_isTheSameTheShortWay holds the short ways against the long one.
func TestNormalise_isTheSameTheShortWay(t *testing.T) {
	t.Parallel()
	for _, letters := range []string{"aB z\t\n-9\u007f\x01", "aB \u00a0\u3000示例ＡｂÄé㎏ﬁ\u0301Σ", "aB \t一龥\u9fff示例中", "aB一\u4dff\ua000\u0301\u3099\ufe00豈가"} {
		rapid.Check(t, func(t *rapid.T) {
			s := rapid.StringOfN(rapid.RuneFrom([]rune(letters)), 0, 200, -1).Draw(t, "text")
			long := []rune(strings.Join(strings.Fields(strings.ToLower(norm.NFKC.String(s))), " "))
			if got, want := normalise(s), string(long[:min(len(long), maxTermLength)]); got != want {
				t.Fatalf("normalise(%q) = %q, want %q", s, got, want)
			}
		})
	}
}
