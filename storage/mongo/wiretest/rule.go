package wiretest

import (
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Codes of answers that the archive has to survive
// (mongodb.com/docs/manual/reference/error-codes).
const (
	CodeUnauthorized            = 13
	CodeAuthenticationFailed    = 18
	CodeCommandNotFound         = 59
	CodeWriteConcernFailed      = 64
	CodeShutdownInProgress      = 91
	CodePrimarySteppedDown      = 189
	CodeNotWritablePrimary      = 10107
	CodeDuplicateKey            = 11000
	CodeInterruptedAtShutdown   = 11600
	CodeInterruptedByReplChange = 11602
	CodeNotPrimaryNoSecondaryOk = 13435
	CodeOutOfDiskSpace          = 14031
)

// codeNames are MongoDB's names of the codes.
var codeNames = map[int]string{
	CodeUnauthorized:            "Unauthorized",
	CodeAuthenticationFailed:    "AuthenticationFailed",
	CodeCommandNotFound:         "CommandNotFound",
	CodeWriteConcernFailed:      "WriteConcernFailed",
	CodeShutdownInProgress:      "ShutdownInProgress",
	CodePrimarySteppedDown:      "PrimarySteppedDown",
	CodeNotWritablePrimary:      "NotWritablePrimary",
	CodeDuplicateKey:            "DuplicateKey",
	CodeInterruptedAtShutdown:   "InterruptedAtShutdown",
	CodeInterruptedByReplChange: "InterruptedDueToReplStateChange",
	CodeNotPrimaryNoSecondaryOk: "NotPrimaryNoSecondaryOk",
	CodeOutOfDiskSpace:          "OutOfDiskSpace",
}

// retryable reports whether a server tells the driver that a write which got
// this code may be sent again.
func retryable(code int) bool {
	switch code {
	case CodeShutdownInProgress, CodePrimarySteppedDown, CodeNotWritablePrimary,
		CodeInterruptedAtShutdown, CodeInterruptedByReplChange, CodeNotPrimaryNoSecondaryOk:
		return true
	}
	return false
}

// Always makes a rule act until it is disarmed.
const Always = -1

// Rule says on which commands to act, and how. Rules are asked in the order in
// which they were armed; the first that matches acts.
type Rule struct {
	Match func(*Command) bool // nil: Work
	Skip  int                 // matches to let pass before the first
	Times int                 // how often to act; 0: once
	Do    Action
}

// Action is what a rule does. The fields work together, in the order given.
type Action struct {
	Delay      time.Duration // before the server sees the command
	Hold       bool          // until Release, even if the driver has given up by then
	Lose       bool          // the server never sees it
	Fail       map[int]int   // documents of a bulk, by place, that the server never sees: a write error of this code instead
	HoldAnswer bool          // until Release, when the server has applied it
	Cut        bool          // the connection is closed instead of an answer
	Reply      bson.D        // the answer is this instead
	Code       int           // the answer is this error instead
	Concern    int           // a writeConcernError of this code is added to the answer
}

// DropRequest cuts the connection before the command was applied.
func DropRequest() Action { return Action{Lose: true, Cut: true} }

// DropAnswer cuts the connection after the command was applied.
func DropAnswer() Action { return Action{Cut: true} }

// Delay lets a command wait before it is applied.
func Delay(d time.Duration) Action { return Action{Delay: d} }

// Hold lets a command wait for Release before it is applied.
func Hold() Action { return Action{Hold: true} }

// Silence loses a command, says nothing for a time, and cuts the connection.
func Silence(d time.Duration) Action { return Action{Delay: d, Lose: true, Cut: true} }

// Refuse answers with an error; nothing was applied.
func Refuse(code int) Action { return Action{Lose: true, Code: code} }

// Reply answers in the server's place; nothing was applied.
func Reply(doc bson.D) Action { return Action{Lose: true, Reply: doc} }

// Concern applies the command on the primary and answers that the majority is
// not known to have it.
func Concern(code int) Action { return Action{Concern: code} }

// FailDocuments applies a bulk but for some of its documents.
func FailDocuments(code int, at ...int) Action {
	fail := make(map[int]int, len(at))
	for _, i := range at {
		fail[i] = code
	}
	return Action{Fail: fail}
}

// Fault is an armed rule.
type Fault struct {
	rule     Rule
	released chan struct{}
	once     sync.Once
	hit      chan struct{} // one for each action; never blocks the proxy

	mu             sync.Mutex
	matched, acted int
	disarmed       bool
}

// Hits returns how often the rule acted.
func (f *Fault) Hits() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.acted
}

// Hit is received from once for each action, as it begins.
func (f *Fault) Hit() <-chan struct{} { return f.hit }

// Release lets go what the rule holds, now and later.
func (f *Fault) Release() { f.once.Do(func() { close(f.released) }) }

// Disarm ends the rule; what it holds stays held until Release.
func (f *Fault) Disarm() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.disarmed = true
}

// acts reports whether the rule acts on the command.
func (f *Fault) acts(c *Command) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.disarmed || !f.rule.Match(c) {
		return false
	}
	f.matched++
	if f.matched <= f.rule.Skip || f.rule.Times != Always && f.acted >= f.rule.Times {
		return false
	}
	f.acted++
	select {
	case f.hit <- struct{}{}:
	default:
	}
	return true
}

// failure is an error document that replaces an answer.
func failure(code int, c *Command) bson.Raw {
	doc := bson.D{{Key: "ok", Value: 0.0}, {Key: "errmsg", Value: codeNames[code] + " (injected)"},
		{Key: "code", Value: int32(code)}, {Key: "codeName", Value: codeNames[code]}}
	return encode(label(doc, code, c))
}

// label adds what tells the driver that it may send a write again.
func label(doc bson.D, code int, c *Command) bson.D {
	if c.TxnNumber == nil || !retryable(code) {
		return doc
	}
	return append(doc, bson.E{Key: "errorLabels", Value: bson.A{"RetryableWriteError"}})
}

// concern is a writeConcernError.
func concern(code int, c *Command) bson.D {
	return label(bson.D{{Key: "writeConcernError", Value: bson.D{
		{Key: "code", Value: int32(code)}, {Key: "codeName", Value: codeNames[code]},
		{Key: "errmsg", Value: codeNames[code] + " (injected)"}}}}, code, c)
}

// thin takes the documents that fail out of a bulk and returns what is left,
// and for each of them its place in the bulk.
func thin(docs []bson.Raw, fail map[int]int) (left []bson.Raw, places []int) {
	for i, doc := range docs {
		if _, fails := fail[i]; !fails {
			left, places = append(left, doc), append(places, i)
		}
	}
	return left, places
}

// merge puts the write errors of documents that were not sent into an answer,
// in order, and those of the server to their places in the whole bulk.
func merge(body bson.Raw, docs int, fail map[int]int, places []int) bson.Raw {
	byPlace := map[int]bson.Raw{}
	if array, ok := body.Lookup("writeErrors").ArrayOK(); ok {
		values, _ := array.Values()
		for _, v := range values {
			e := sub(v)
			at, _ := e.Lookup("index").AsInt64OK()
			place := places[at]
			byPlace[place] = with(without(e, "index"), bson.E{Key: "index", Value: int32(place)})
		}
	}
	for place, code := range fail {
		byPlace[place] = encode(bson.D{{Key: "index", Value: int32(place)}, {Key: "code", Value: int32(code)},
			{Key: "errmsg", Value: codeNames[code] + " (injected)"}})
	}
	var all bson.A
	for place := range docs {
		if e, ok := byPlace[place]; ok {
			all = append(all, e)
		}
	}
	return with(without(body, "writeErrors"), bson.E{Key: "writeErrors", Value: all})
}
