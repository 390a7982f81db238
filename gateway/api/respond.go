package api

import (
	"encoding/json"
	"net/http"
	"strconv"
	"sync"

	"accord/gateway"
	"accord/internal/fault"
	"accord/internal/strictjson"
)

// writeJSON answers with a JSON value.
func writeJSON(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return writeBody(w, status, typeJSON, body)
}

// Values of header fields that every answer has; sharing them saves an
// allocation each. They are never changed.
var (
	noSniff = []string{"nosniff"}
	noStore = []string{"no-store"}
	// Nothing we answer is a page: a browser that is shown a document runs and
	// loads nothing of it, whatever stands in it.
	noPage = []string{"default-src 'none'; frame-ancestors 'none'"}
	ofType = func() map[string][]string {
		m := map[string][]string{}
		for _, t := range []string{typeJSON, typeXML, typeJOSE, typeNDJSON, typeText, typeTile, typeProblem} {
			m[t] = []string{t}
		}
		return m
	}()
)

// writeBody answers with a whole body: its length is always announced and its
// type never guessed by a reader.
func writeBody(w http.ResponseWriter, status int, media string, body []byte) error {
	h := w.Header()
	setType(h, media)
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	h["X-Content-Type-Options"] = noSniff
	h["Content-Security-Policy"] = noPage
	if _, ok := h["Cache-Control"]; !ok {
		h["Cache-Control"] = noStore
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // a reader that went away cannot be told so
	return nil
}

func setType(h http.Header, media string) {
	if v, ok := ofType[media]; ok {
		h["Content-Type"] = v
		return
	}
	h.Set("Content-Type", media)
}

// buffer is room for an answer that is written and forgotten. What is archived
// never stands in one: the archive keeps the octets it is given.
type buffer struct{ b []byte }

var buffers = sync.Pool{New: func() any { return new(buffer) }}

// maxPooled is the largest buffer that is kept: an answer with its receipt has
// about 2 KiB, a view 6 KiB, a page of a feed may have megabytes.
const maxPooled = 64 << 10

func takeBuffer() *buffer {
	b, _ := buffers.Get().(*buffer)
	b.b = b.b[:0]
	return b
}

func (b *buffer) giveBack() {
	if cap(b.b) <= maxPooled {
		buffers.Put(b)
	}
}

// writeAccepted answers a submission, a statement or a change:
//
//	{"id":…,"revision":…,"content":…,"index":…,"receipt":{…},"warnings":[…],"code":…}
//
// The receipt is JSON already and is copied as it is: it is compared byte for
// byte.
func writeAccepted(w http.ResponseWriter, acc gateway.Accepted) error {
	status := http.StatusCreated
	if acc.Replay {
		status = http.StatusOK
	} else if acc.ID != "" {
		w.Header()["Location"] = []string{"/v1/attestations/" + string(acc.ID)}
	}
	warnings := []byte("[]")
	if len(acc.Warnings) > 0 {
		var err error
		if warnings, err = json.Marshal(acc.Warnings); err != nil {
			return err
		}
	}
	room := takeBuffer()
	defer room.giveBack()
	room.b = appendAccepted(room.b, acc, warnings)
	return writeBody(w, status, typeJSON, room.b)
}

func appendAccepted(b []byte, acc gateway.Accepted, warnings []byte) []byte {
	b = append(b, '{')
	if acc.ID != "" {
		b = append(b, `"id":`...)
		b = strictjson.AppendString(b, string(acc.ID))
		b = append(b, ',')
	}
	if acc.Revision > 0 {
		b = append(b, `"revision":`...)
		b = strconv.AppendInt(b, int64(acc.Revision), 10)
		b = append(b, ',')
	}
	b = append(b, `"content":`...)
	b = strictjson.AppendString(b, string(acc.Content))
	b = append(b, `,"index":`...)
	b = strconv.AppendUint(b, acc.Index, 10)
	if acc.Receipt != nil {
		b = append(b, `,"receipt":`...)
		b = append(b, acc.Receipt...)
	}
	b = append(b, `,"warnings":`...)
	b = append(b, warnings...)
	if acc.Replay {
		b = append(b, `,"code":"`+string(fault.ReplayDuplicate)+`"`...)
	}
	return append(b, '}')
}
