package mongo_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.mongodb.org/mongo-driver/v2/bson"

	"accord/storage/mongo"
)

// What the table says is what the proxy sees: the example of each shape is
// sent, and comes out under its own name.
func TestShapes_areWhatIsSent(t *testing.T) {
	t.Parallel()
	conn, p := archive(t)
	for _, s := range mongo.Shapes(1) {
		p.Reset()
		require.NoError(t, conn.Database().RunCommand(t.Context(), s.Command()).Err(), "%s", s)
		if s.Verb == "find" { // the proxy reads updates as the driver itself writes them
			require.Equal(t, []string{s.String()}, p.Shapes())
		}
	}
	require.Equal(t, "find entries_7 {for =, _id $gte $lt} sort {_id 1}", find(t, "for_1__id_1").String())
}

func find(t *testing.T, index string) mongo.Shape {
	t.Helper()
	for _, s := range mongo.Shapes(7) {
		if s.Index == index {
			return s
		}
	}
	t.Fatalf("no shape is answered from %s", index)
	return mongo.Shape{}
}

// Each index that a question needs is made, and none that no question needs.
func TestShapes_haveTheirIndexes(t *testing.T) {
	t.Parallel()
	conn, _ := archive(t)
	var made []struct {
		Name string `bson:"name"`
		Key  bson.D `bson:"key"`
	}
	cursor, err := conn.Collection("entries_1").Indexes().List(t.Context())
	require.NoError(t, err)
	require.NoError(t, cursor.All(t.Context(), &made))
	have, want := map[string]bool{}, map[string]bool{"_id_": true}
	for _, m := range made {
		have[m.Name] = true
	}
	for _, s := range mongo.Shapes(1) {
		want[s.Index] = true
	}
	require.Equal(t, want, have)
}
