package mongo

import (
	"slices"
	"strconv"
	"strings"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// question is the shape of a query: everything but the values. The code can
// ask in no other form, the tests hold the wire against the table, and on a
// MongoDB server its plan is looked at: none may scan a collection.
type question struct {
	command    string // find, update or delete
	collection string
	where      []condition
	sort       int    // by _id: 1, -1 or not at all
	index      bson.D // nil: that of _id
	fields     bson.D // nil: all of them
}

// condition compares a field: by an operator, or for equality if there is none.
type condition struct{ field, operator string }

// The questions.
var (
	askLedger    = question{"find", metaCollection, []condition{{"_id", ""}}, 0, nil, nil}
	setLedger    = question{"update", metaCollection, []condition{{"_id", ""}}, 0, nil, nil}
	raiseSchema  = question{"update", metaCollection, []condition{{"_id", ""}, {"schema", "$lt"}}, 0, nil, nil}
	askBatch     = question{"find", batchesCollection, []condition{{"_id", ""}}, 0, nil, nil}
	askBatches   = question{"find", batchesCollection, []condition{{"_id", "$gte"}}, 1, nil, nil}
	askBody      = question{"find", bodiesCollection, []condition{{"_id", ""}}, 0, nil, nil}
	askBodies    = question{"find", bodiesCollection, []condition{{"_id", "$in"}}, 0, nil, nil}
	askBodyRange = question{"find", bodiesCollection, []condition{{"_id", "$gte"}}, 1, nil, nil}

	askBodyIDs = question{"find", bodiesCollection, []condition{{"_id", "$gt"}}, 1, nil, bson.D{{Key: "_id", Value: 1}}}

	askViews    = question{"find", viewsCollection, []condition{{"_id", "$gte"}}, 1, nil, nil}
	setView     = question{"update", viewsCollection, []condition{{"_id", ""}}, 0, nil, nil}
	raiseView   = question{"update", viewsCollection, []condition{{"_id", ""}, {"batch", "$lt"}}, 0, nil, nil}
	askTile     = question{"find", tilesCollection, []condition{{"_id", ""}}, 0, nil, nil}
	askEntry    = question{"find", entriesCollection, []condition{{"_id", ""}}, 0, nil, nil}
	askEntries  = question{"find", entriesCollection, []condition{{"_id", "$in"}}, 0, nil, nil}
	askStretch  = question{"find", entriesCollection, []condition{{"_id", "$gte"}, {"_id", "$lt"}}, 1, nil, nil}
	askNewest   = question{"find", entriesCollection, []condition{{"_id", "$lt"}}, -1, nil, nil}
	askUnderKey = question{"find", entriesCollection, []condition{{"keys", ""}, {"_id", "$lt"}}, -1, bson.D{{Key: "keys", Value: 1}, {Key: "_id", Value: -1}}, nil}
	askIndexes  = question{"find", entriesCollection, askUnderKey.where, -1, askUnderKey.index, bson.D{{Key: "_id", Value: 1}}}
	askFeed     = question{"find", entriesCollection, []condition{{"for", ""}, {"_id", "$gte"}, {"_id", "$lt"}}, 1, bson.D{{Key: "for", Value: 1}, {Key: "_id", Value: 1}}, bson.D{{Key: "hash", Value: 1}, {Key: "line", Value: 1}}}
	askKind     = question{"find", entriesCollection, []condition{{"kind", ""}, {"_id", "$gte"}}, 1, bson.D{{Key: "kind", Value: 1}, {Key: "_id", Value: 1}}, nil}
)

// questions is the one table of them.
var questions = []question{
	askLedger, setLedger, raiseSchema, askBatch, askBatches, askBody, askBodies, askBodyRange, askBodyIDs,
	askViews, setView, raiseView, askTile, askEntry, askEntries, askStretch, askNewest, askUnderKey, askIndexes, askFeed, askKind,
	askBlob, askBlobRange, dropBlob,
}

// filter fills in the values, one for each condition.
func (q question) filter(values ...any) bson.D {
	var out bson.D
	for i, c := range q.where {
		if c.operator == "" {
			out = append(out, bson.E{Key: c.field, Value: values[i]})
			continue
		}
		compare := bson.E{Key: c.operator, Value: values[i]}
		if n := len(out); n > 0 && out[n-1].Key == c.field {
			out[n-1].Value = append(out[n-1].Value.(bson.D), compare)
			continue
		}
		out = append(out, bson.E{Key: c.field, Value: bson.D{compare}})
	}
	return out
}

// Shape is a question as people and the proxy of the tests write it, and the
// index that answers it.
type Shape struct {
	Verb       string // find, update or delete
	Collection string // of a generation of the views with its number
	Filter     string // like {for =, _id $gte $lt}
	Sort       string // like {_id 1}; empty for none
	Index      string // name of the index, as a server shows it

	asked question
}

// String writes the shape like storage/mongo/wiretest does.
func (s Shape) String() string {
	text := s.Verb + " " + s.Collection + " " + s.Filter
	if s.Sort != "" {
		text += " sort " + s.Sort
	}
	return text
}

// Shapes lists every query that log and views of a generation make.
func Shapes(generation uint64) []Shape {
	out := make([]Shape, len(questions))
	for i, q := range questions {
		s := Shape{Verb: q.command, Collection: q.collection, Filter: q.shape(), Index: "_id_", asked: q}
		if q.collection == entriesCollection || q.collection == tilesCollection {
			s.Collection = named(q.collection, generation)
		}
		if q.sort != 0 {
			s.Sort = "{_id " + strconv.Itoa(q.sort) + "}"
		}
		if q.index != nil {
			s.Index = indexName(q.index)
		}
		out[i] = s
	}
	return out
}

// Command returns the shape as a command with some value in each place, for
// explain().
func (s Shape) Command() bson.D {
	samples := map[string]any{"keys": int64(1), "batch": int64(1), "schema": 1}
	values := make([]any, len(s.asked.where))
	for i, c := range s.asked.where {
		if values[i] = samples[c.field]; values[i] == nil {
			values[i] = position(1)
		}
		if c.operator == "$in" {
			values[i] = bson.A{values[i], position(2)}
		}
	}
	filter := s.asked.filter(values...)
	if s.Verb == "update" {
		change := bson.D{{Key: "$set", Value: bson.D{{Key: "sample", Value: 1}}}}
		return bson.D{{Key: s.Verb, Value: s.Collection}, {Key: "updates", Value: bson.A{bson.D{{Key: "q", Value: filter}, {Key: "u", Value: change}}}}}
	}
	if s.Verb == "delete" {
		return bson.D{{Key: s.Verb, Value: s.Collection}, {Key: "deletes", Value: bson.A{bson.D{{Key: "q", Value: filter}, {Key: "limit", Value: 1}}}}}
	}
	out := bson.D{{Key: s.Verb, Value: s.Collection}, {Key: "filter", Value: filter}}
	if s.asked.sort != 0 {
		out = append(out, bson.E{Key: "sort", Value: bson.D{{Key: "_id", Value: s.asked.sort}}})
	}
	if s.asked.fields != nil {
		out = append(out, bson.E{Key: "projection", Value: s.asked.fields})
	}
	return out
}

// shape writes the conditions.
func (q question) shape() string {
	var fields []string
	operators := map[string][]string{}
	for _, c := range q.where {
		if !slices.Contains(fields, c.field) {
			fields = append(fields, c.field)
		}
		if c.operator != "" {
			operators[c.field] = append(operators[c.field], c.operator)
		}
	}
	for i, f := range fields {
		if len(operators[f]) == 0 {
			fields[i] = f + " ="
			continue
		}
		slices.Sort(operators[f])
		fields[i] = f + " " + strings.Join(operators[f], " ")
	}
	return "{" + strings.Join(fields, ", ") + "}"
}

// indexName is the name that a server gives an index.
func indexName(keys bson.D) string {
	parts := make([]string, len(keys))
	for i, k := range keys {
		parts[i] = k.Key + "_" + strconv.Itoa(k.Value.(int))
	}
	return strings.Join(parts, "_")
}

// named is the name of a collection of a generation.
func named(collection string, generation uint64) string {
	return collection + "_" + strconv.FormatUint(generation, 10)
}
