package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"accord/attestation"
	"accord/evidence"
	"accord/partners/recognition"
	"accord/signing"
)

// demoEnv is an environment whose output is read by the test.
func demoEnv(ctx context.Context, format string) (e *env, stdout, stderr *bytes.Buffer) {
	stdout, stderr = &bytes.Buffer{}, &bytes.Buffer{}
	return &env{ctx: ctx, stdin: &bytes.Buffer{}, stdout: stdout, stderr: stderr, now: time.Now, format: format}, stdout, stderr
}

func TestDemo_reachesEveryOutcomeAndKeepsTheEvidence(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "kept")
	e, stdout, stderr := demoEnv(t.Context(), "json")
	began := time.Now()
	require.NoError(t, (&demoCmd{Keep: dir}).Run(e), "%s%s", stdout, stderr)
	assert.Less(t, time.Since(began), 10*time.Second)

	var report demoReport
	require.NoError(t, json.Unmarshal(stdout.Bytes(), &report))
	assert.Equal(t, "passed", report.Result)
	assert.Equal(t, dir, report.Kept)
	require.Len(t, report.Steps, 14)
	for i, s := range report.Steps {
		assert.Equal(t, i+1, s.Step)
		assert.Equal(t, "passed", s.Result, s.Title)
		assert.NotEmpty(t, s.Evidence, s.Title)
	}

	// What was kept is evidence by itself: the decisions verify with the key of
	// the gateway that signed them, and say what the story says.
	doc, err := home(filepath.Join(dir, "nz")).key(signing.UseDoc)
	require.NoError(t, err)
	for name, outcome := range map[string]recognition.Outcome{
		"1-without-facts": recognition.OutcomeIndeterminate, "2-with-facts": recognition.Conditional, "3-loudspeaker": recognition.NotRecognised,
		"4-model-before-revision-2": recognition.NotRecognised, "5-model-after-revision-2": recognition.Conditional,
		"6-suspended": recognition.NotRecognised, "7-as-known-before": recognition.Conditional,
	} {
		raw, err := os.ReadFile(filepath.Join(dir, "decisions", name+".jws"))
		require.NoError(t, err)
		d, err := evidence.OpenDecision(raw, []*signing.Key{doc.Key()}, time.Now())
		require.NoError(t, err, name)
		assert.Equal(t, outcome, d.Outcome, name)
	}
	for _, name := range []string{"trust/cn.jws", "documents/ccc-vacuum.xml", "documents/suspension.jws", "receipts/cn-ccc-vacuum.json", "receipts/nz-ccc-vacuum-r2.json", "cb/partner.json"} {
		assert.FileExists(t, filepath.Join(dir, name))
	}
}

func TestDemo_narratesAndLeavesNothing(t *testing.T) {
	t.Parallel()
	e, stdout, stderr := demoEnv(t.Context(), "text")
	require.NoError(t, (&demoCmd{}).Run(e), stderr)
	for _, word := range []string{
		"conditional", "requirementGap", "nz-supply", "scope.out_of_agreement", "Schedule A.1", "jws.signature_invalid", "S02", "A03a", "All 14 steps came out as expected",
	} {
		assert.Contains(t, stdout.String(), word)
	}
	assert.NotContains(t, stdout.String(), "Kept in")
	assert.Empty(t, stderr.String())
}

func TestDemo_failsWithStatusOne(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	e, stdout, _ := demoEnv(ctx, "json")
	err := (&demoCmd{Keep: t.TempDir()}).Run(e)
	assert.Equal(t, statusError(exitFailed), err)
	var report demoReport
	require.NoError(t, json.Unmarshal(stdout.Bytes(), &report))
	assert.Equal(t, "failed", report.Result)
	require.NotEmpty(t, report.Steps)
	assert.NotEmpty(t, report.Steps[len(report.Steps)-1].Problem)
}

func TestDemo_refusesDirectoryInUse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "mine"), nil, 0o600))
	e, _, _ := demoEnv(t.Context(), "text")
	var usage usageError
	require.ErrorAs(t, (&demoCmd{Keep: dir}).Run(e), &usage)
}

func TestDemo_unexpectedOutcomeIsAnError(t *testing.T) {
	t.Parallel()
	d := &evidence.Decision{Decision: recognition.Decision{Outcome: recognition.Conditional, Conditions: []recognition.Condition{{Code: recognition.DirectShipmentRequired}}}}
	require.Error(t, wantSupplyGap(d))
	d.Conditions[0] = recognition.Condition{Code: recognition.RequirementGap, Values: []string{"deviation nz-supply"}}
	require.NoError(t, wantSupplyGap(d))
	d.Outcome = recognition.Recognised
	require.Error(t, wantSupplyGap(d))
}

func TestDemo_documentsAreValid(t *testing.T) {
	t.Parallel()
	first, err := document("ccc-vacuum")
	require.NoError(t, err)
	second, err := document("ccc-vacuum-r2")
	require.NoError(t, err)
	assert.Equal(t, first.Digest(), second.Replaces)
	now := time.Now()
	for _, name := range []string{"ccc-vacuum", "ccc-vacuum-r2", "ccc-loudspeaker", "calibration"} {
		sub, err := document(name)
		require.NoError(t, err, name)
		findings, warnings := sub.Validate(now)
		assert.Empty(t, findings, name)
		assert.Empty(t, warnings, name)
		assert.Equal(t, attestation.Valid, sub.Status(now).Effective, name)
	}
}

func TestDemo_forgedDocumentKeepsHeaderAndSignature(t *testing.T) {
	t.Parallel()
	forged, err := forge([]byte("e30.eyJhIjoxfQ.c2ln"), "1", "2")
	require.NoError(t, err)
	assert.Equal(t, "e30.eyJhIjoyfQ.c2ln", string(forged))
}
