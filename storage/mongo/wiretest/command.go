package wiretest

import (
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// Command is one command that the driver sent, and what came of it.
type Command struct {
	Seq        int // place in the order of arrival, from 0
	At         time.Time
	Member     int  // who it was sent to
	Primary    bool // whether that was the primary then
	Name       string
	DB         string
	Collection string // empty where the command names none

	Body      bson.Raw        // without what was sent as a bulk beside it
	Documents []bson.Raw      // the bulk; only while a rule looks at the command
	Bulk      int             // number of documents of the bulk
	IDs       []bson.RawValue // _id of each document of an insert
	Bytes     int             // of the whole message
	Shapes    []string        // of its queries, see Proxy.Shapes

	WriteConcern     bson.Raw // nil: not sent
	ReadConcern      bson.Raw
	ReadPreference   string // mode; empty: not sent, which means primary
	Ordered          *bool
	Session          string // id of the logical session, as octets
	TxnNumber        *int64 // of a retryable write or transaction
	StartTransaction bool
	Autocommit       *bool
	Retry            bool // session and number were seen before: the driver's own retry
	Unacknowledged   bool // sent with moreToCome

	Duration    time.Duration // until the answer was sent or the connection cut
	AnswerBytes int           // 0: never answered
	Code        int           // error of the answer as a whole
	WriteErrors []int         // codes of its write errors
	Concern     int           // code of its write concern error
	Injected    bool          // a rule acted on it
}

// Commands is a part of what was written down.
type Commands []Command

// monitoring are the commands of the driver itself, for which nobody asked.
var monitoring = []string{"hello", "endSessions", "saslStart", "saslContinue"}

// Any matches every command, the driver's own among them.
func Any(*Command) bool { return true }

// Work matches what is not the driver's own.
func Work(c *Command) bool { return !slices.Contains(monitoring, c.Name) }

// On matches commands of a name, and of a collection unless that is empty. All
// forms of the handshake have the name hello.
func On(name, collection string) func(*Command) bool {
	return func(c *Command) bool {
		return c.Name == name && (collection == "" || c.Collection == collection)
	}
}

// Where returns the commands that match.
func (cs Commands) Where(match func(*Command) bool) Commands {
	var out Commands
	for i := range cs {
		if match(&cs[i]) {
			out = append(out, cs[i])
		}
	}
	return out
}

// Writes returns the commands that change data, of some collections or, if
// none is named, of all: one is one round trip.
func (cs Commands) Writes(collections ...string) Commands {
	return cs.Where(func(c *Command) bool { return isWrite(c) && among(c.Collection, collections) })
}

// Reads returns finds, their continuations and the like, in the same way.
func (cs Commands) Reads(collections ...string) Commands {
	return cs.Where(func(c *Command) bool { return isRead(c) && among(c.Collection, collections) })
}

// Bytes returns the octets of the commands, headers included.
func (cs Commands) Bytes() int {
	n := 0
	for i := range cs {
		n += cs[i].Bytes
	}
	return n
}

// String lists name and collection of each, for messages of tests.
func (cs Commands) String() string {
	var b strings.Builder
	for i := range cs {
		b.WriteString(cs[i].Name + " " + cs[i].Collection + "\n")
	}
	return b.String()
}

func among(name string, names []string) bool { return len(names) == 0 || slices.Contains(names, name) }

func isWrite(c *Command) bool {
	switch c.Name {
	case "insert", "update", "delete", "findAndModify", "create", "createIndexes", "collMod",
		"drop", "dropIndexes", "dropDatabase", "renameCollection":
		return true
	}
	return false
}

func isRead(c *Command) bool {
	switch c.Name {
	case "find", "getMore", "aggregate", "count", "distinct", "listCollections", "listIndexes":
		return true
	}
	return false
}

// commandOf describes a message from the driver.
func commandOf(m *message) Command {
	c := Command{Body: slices.Clone(m.body), Bytes: m.size, Documents: m.documents(), Bulk: len(m.documents()), Unacknowledged: m.flags&flagMoreToCome != 0}
	elements, err := m.body.Elements()
	if err != nil || len(elements) == 0 {
		return c
	}
	c.Name = elements[0].Key()
	if lower := strings.ToLower(c.Name); lower == "ismaster" || lower == "hello" {
		c.Name = "hello"
	}
	c.Collection, _ = elements[0].Value().StringValueOK()
	if c.Name == "getMore" {
		c.Collection, _ = m.body.Lookup("collection").StringValueOK()
	}
	for _, e := range elements {
		c.take(e.Key(), e.Value())
	}
	c.Shapes = shapesOf(&c)
	if c.Name == "insert" {
		for _, doc := range c.Documents {
			id := doc.Lookup("_id")
			c.IDs = append(c.IDs, bson.RawValue{Type: id.Type, Value: slices.Clone(id.Value)})
		}
	}
	return c
}

// take notes a field that all commands share.
func (c *Command) take(name string, value bson.RawValue) {
	switch name {
	case "$db":
		c.DB, _ = value.StringValueOK()
	case "writeConcern":
		c.WriteConcern, _ = value.DocumentOK()
	case "readConcern":
		c.ReadConcern, _ = value.DocumentOK()
	case "$readPreference":
		c.ReadPreference, _ = sub(value).Lookup("mode").StringValueOK()
	case "ordered":
		if b, ok := value.BooleanOK(); ok {
			c.Ordered = &b
		}
	case "lsid":
		_, id, _ := sub(value).Lookup("id").BinaryOK()
		c.Session = string(id)
	case "txnNumber":
		if n, ok := value.Int64OK(); ok {
			c.TxnNumber = &n
		}
	case "startTransaction":
		c.StartTransaction, _ = value.BooleanOK()
	case "autocommit":
		if b, ok := value.BooleanOK(); ok {
			c.Autocommit = &b
		}
	}
}

// sub returns a value that should be a document, else an empty one.
func sub(v bson.RawValue) bson.Raw {
	doc, _ := v.DocumentOK()
	return doc
}

// finishWith notes the answer.
func (c *Command) finishWith(body bson.Raw) {
	c.AnswerBytes = len(body)
	if code, ok := body.Lookup("code").AsInt64OK(); ok {
		c.Code = int(code)
	}
	if concern, ok := body.Lookup("writeConcernError", "code").AsInt64OK(); ok {
		c.Concern = int(concern)
	}
	array, ok := body.Lookup("writeErrors").ArrayOK()
	if !ok {
		return
	}
	values, _ := array.Values()
	for _, v := range values {
		code, _ := sub(v).Lookup("code").AsInt64OK()
		c.WriteErrors = append(c.WriteErrors, int(code))
	}
}
