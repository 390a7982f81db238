package api_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"accord/formats/native"
)

// A question may hold the document itself, in each of its forms; findings point
// into the question.
func TestEvaluate_documentInTheQuestion(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sub := fixture(t, numbered("001021"))
	jws := w.cb.sign(t, sub)
	parts := strings.Split(string(jws), ".")
	flattened, err := json.Marshal(map[string]string{"protected": parts[0], "payload": parts[1], "signature": parts[2]})
	require.NoError(t, err)
	compact, err := json.Marshal(string(jws))
	require.NoError(t, err)
	ask := func(document []byte, want int) string {
		body := append(append([]byte(`{"purpose":"import","partner":"NZ","attestation":`), document...), '}')
		_, answer := w.do(t, ask{method: "POST", path: "/v1/decisions:evaluate", token: w.token(w.nz), media: "application/json", body: body, want: want})
		return string(answer)
	}
	outcome := func(answer string) string {
		var d struct {
			Outcome string `json:"outcome"`
			Subject struct {
				Content string `json:"content"`
			} `json:"subject"`
		}
		require.NoError(t, json.Unmarshal([]byte(answer), &d))
		require.Equal(t, string(sub.Digest()), d.Subject.Content)
		return d.Outcome
	}
	signed := outcome(ask(compact, 200))
	require.Equal(t, signed, outcome(ask(flattened, 200)))
	unsigned := outcome(ask(native.AppendJSON(nil, sub), 200))
	require.Contains(t, []string{"indeterminate", "notRecognised"}, unsigned, "nobody signed it")
	require.Contains(t, ask([]byte(`{"modelVersion":"1.0","bogus":1}`), 422), `"/attestation/bogus"`)
	require.Contains(t, ask([]byte(`{"bogus":1}`), 422), `"/attestation/bogus"`)
}

// What is archived already has the audience that it has.
func TestValidate_ofWhatIsArchived(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	jws := w.cb.sign(t, fixture(t, numbered("001022")))
	post := ask{method: "POST", path: "/v1/attestations:validate", token: w.token(w.cb), media: "application/jose", body: jws, want: 200}
	audience := func() []string {
		_, answer := w.do(t, post)
		var v struct {
			Audience []string `json:"audience"`
		}
		require.NoError(t, json.Unmarshal(answer, &v))
		return v.Audience
	}
	before := audience()
	require.NotEmpty(t, before)
	w.submitted(t, "001022")
	require.Equal(t, before, audience())
}
