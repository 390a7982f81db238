package api_test

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/gorilla/mux"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"accord/formats"
	"accord/formats/native"
	"accord/gateway/api"
)

// contract holds every answer of a world's server against openapi.yaml: status,
// header fields, content type and body. It stands before the handler in every
// test of this package.
type contract struct {
	t      testing.TB
	doc    *openapi3.T
	router *mux.Router
	view   *jsonschema.Schema

	mu   sync.Mutex
	seen map[string]map[string]bool // statuses by operation; guarded by mu
	good map[string]bool            // answers that were held against the schema; guarded by mu
}

// anyways are the statuses that default stands for, and nothing else may.
var anyways = []int{http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable, http.StatusInsufficientStorage}

// document loads openapi.yaml once.
var document = sync.OnceValues(func() (*openapi3.T, error) {
	// The rest of what we answer is text.
	for _, media := range []string{"application/jose", "application/xml"} {
		openapi3filter.RegisterBodyDecoder(media, openapi3filter.PlainBodyDecoder)
	}
	for _, c := range formats.Dialects() {
		for _, media := range append(c.MediaTypes, "application/vc+jwt") {
			if !strings.HasPrefix(media, "application/json") {
				openapi3filter.RegisterBodyDecoder(media, openapi3filter.PlainBodyDecoder)
			}
		}
	}
	openapi3filter.RegisterBodyDecoder("application/x-ndjson", openapi3filter.JSONBodyDecoder) // line by line
	return openapi3.NewLoader().LoadFromData(api.OpenAPI())
})

func newContract(t testing.TB, routes []api.Route) *contract {
	doc, err := document()
	require.NoError(t, err)
	c := &contract{t: t, doc: doc, router: mux.NewRouter().UseEncodedPath(), seen: map[string]map[string]bool{}, good: map[string]bool{}}
	for _, r := range routes {
		methods := []string{r.Method}
		if r.Method == http.MethodGet {
			methods = append(methods, http.MethodHead)
		}
		c.router.NewRoute().Name(strings.Replace(r.Path, ":.*}", "}", 1)).Path(r.Path).Methods(methods...)
	}
	schemas := jsonschema.NewCompiler()
	for name, raw := range native.Schemas() {
		if !strings.HasSuffix(name, ".json") {
			continue
		}
		text, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
		require.NoError(t, err)
		require.NoError(t, schemas.AddResource(name, text))
		if id, ok := text.(map[string]any)["$id"].(string); ok {
			require.NoError(t, schemas.AddResource(id, text))
		}
	}
	c.view, err = schemas.Compile("attestation-view.schema.json")
	require.NoError(t, err)
	return c
}

// taken is a response writer that keeps a copy of the answer.
type taken struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (w *taken) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *taken) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	w.body.Write(b)
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *taken) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// before checks what the handler answers.
func (c *contract) before(h http.Handler) http.Handler {
	if _, ok := c.t.(*testing.B); ok {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out := &taken{ResponseWriter: w}
		h.ServeHTTP(out, r)
		if err := c.check(r, out.status, w.Header(), out.body.Bytes()); err != nil {
			c.t.Errorf("%s %s answered %d against openapi.yaml: %v\n%.2000s", r.Method, r.URL, out.status, err, out.body.String())
		}
	})
}

func (c *contract) check(r *http.Request, status int, header http.Header, body []byte) error {
	if header.Get("X-Content-Type-Options") != "nosniff" {
		return fmt.Errorf("a browser may guess the type: no X-Content-Type-Options")
	}
	if !strings.HasPrefix(header.Get("Content-Security-Policy"), "default-src 'none'") {
		return fmt.Errorf("a browser may run what stands in it: no Content-Security-Policy")
	}
	if status == http.StatusBadRequest && bytes.HasPrefix(body, []byte("400 Bad Request")) {
		return nil // the framing of the body, as net/http answers it (reliability.md, 32a)
	}
	var match mux.RouteMatch
	if !c.router.Match(r, &match) || match.Route == nil {
		return c.problem(header, body)
	}
	path := match.Route.GetName()
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	item := c.doc.Paths.Value(path)
	route := &routers.Route{Spec: c.doc, Path: path, PathItem: item, Method: method, Operation: item.GetOperation(method)}
	if err := c.note(route.Operation, status); err != nil {
		return err
	}
	if status < 300 {
		if err := declared(route.Operation, r); err != nil {
			return err
		}
	}
	if length := header.Get("Content-Length"); length != "" && length != fmt.Sprint(len(body)) && r.Method != http.MethodHead {
		return fmt.Errorf("Content-Length is %s of %d octets", length, len(body))
	}
	// The same answer is not held against the schema twice: that costs a
	// millisecond.
	same := fmt.Sprint(route.Operation.OperationID, status, header["Content-Type"], slices.Sorted(maps.Keys(header)), string(body))
	c.mu.Lock()
	known := c.good[same]
	c.mu.Unlock()
	if known {
		return nil
	}
	if err := c.validate(route, r, status, header, body); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.good[same] = true
	return nil
}

// note remembers what was answered; default stands for few statuses.
func (c *contract) note(op *openapi3.Operation, status int) error {
	key := fmt.Sprint(status)
	if op.Responses.Value(key) == nil {
		if op.Responses.Default() == nil || !slices.Contains(anyways, status) {
			return fmt.Errorf("the status is not declared")
		}
		key = "default"
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.seen[op.OperationID] == nil {
		c.seen[op.OperationID] = map[string]bool{}
	}
	c.seen[op.OperationID][key] = true
	return nil
}

// declared says whether the operation knows every query parameter.
func declared(op *openapi3.Operation, r *http.Request) error {
	for name := range r.URL.Query() {
		if op.Parameters.GetByInAndName("query", name) == nil {
			return fmt.Errorf("the query parameter %s is not declared", name)
		}
	}
	return nil
}

func (c *contract) validate(route *routers.Route, r *http.Request, status int, header http.Header, body []byte) error {
	parts := [][]byte{body}
	if header.Get("Content-Type") == "application/x-ndjson" {
		parts = bytes.Split(bytes.TrimSuffix(body, []byte("\n")), []byte("\n"))
		if len(body) == 0 {
			return nil // a batch of no lines
		}
	}
	if len(parts) > 200 {
		parts = slices.Concat(parts[:100], parts[len(parts)-100:]) // one line costs a millisecond
	}
	for _, part := range parts {
		in := &openapi3filter.ResponseValidationInput{
			RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, Route: route},
			Status:                 status, Header: header, Body: io.NopCloser(bytes.NewReader(part)),
			Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
		}
		if err := openapi3filter.ValidateResponse(r.Context(), in); err != nil {
			return err
		}
	}
	if route.Operation.OperationID == "getAttestation" && status == http.StatusOK && header.Get("Content-Type") == "application/json" && r.Method == http.MethodGet {
		text, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
		if err != nil {
			return err
		}
		return c.view.Validate(text)
	}
	return nil
}

// problem holds the answer of no route against the one schema of problems.
func (c *contract) problem(header http.Header, body []byte) error {
	if got := header.Get("Content-Type"); got != "application/problem+json" {
		return fmt.Errorf("Content-Type is %s", got)
	}
	if len(body) == 0 {
		return nil // HEAD
	}
	text, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return err
	}
	return c.doc.Components.Schemas["Problem"].Value.VisitJSON(text, openapi3.EnableJSONSchema2020())
}

// missing lists what openapi.yaml declares and no answer was.
func (c *contract) missing() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []string
	for _, path := range slices.Sorted(maps.Keys(c.doc.Paths.Map())) {
		for method, op := range c.doc.Paths.Value(path).Operations() {
			for status := range op.Responses.Map() {
				if !c.seen[op.OperationID][status] {
					out = append(out, fmt.Sprintf("%s %s %s", method, path, status))
				}
			}
		}
	}
	slices.Sort(out)
	return out
}
