package outbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// Headers of a message in the broker.
const (
	headerFailures    = "x-pigonair-failures" // how often it has failed so far
	headerTraceparent = "traceparent"
	headerDeliveries  = "x-delivery-count" // set by quorum queues: deliveries without an answer
)

// errForeign means that a delivery was not sent by a relay.
var errForeign = errors.New("not a message of the outbox")

// body is what travels besides the AMQP properties.
type body struct {
	Lane      string    `json:"lane"`
	SubjectID string    `json:"subject_id"`
	CreatedAt time.Time `json:"created_at"`
}

// encode makes m ready to be sent after it has failed for a number of times.
func encode(m Message, failures int) (amqp.Publishing, error) {
	text, err := json.Marshal(body{m.Lane, m.SubjectID, m.CreatedAt})
	if err != nil {
		return amqp.Publishing{}, fmt.Errorf("encode message %d: %w", m.ID, err)
	}
	headers := amqp.Table{headerFailures: int64(failures)}
	if m.Traceparent != "" {
		headers[headerTraceparent] = m.Traceparent
	}
	return amqp.Publishing{
		AppId: "pigonair", ContentType: "application/json", DeliveryMode: amqp.Persistent,
		MessageId: strconv.FormatInt(m.ID, 10), Type: m.Kind, Timestamp: m.CreatedAt,
		Headers: headers, Body: text,
	}, nil
}

// decode reads what encode made. Error: errForeign.
func decode(d amqp.Delivery) (m Message, failures int, err error) {
	var b body
	id, err := strconv.ParseInt(d.MessageId, 10, 64)
	if err != nil || d.Type == "" || json.Unmarshal(d.Body, &b) != nil {
		return Message{}, 0, errForeign
	}
	traceparent, _ := d.Headers[headerTraceparent].(string)
	return Message{
		ID: id, Lane: b.Lane, Kind: d.Type, SubjectID: b.SubjectID, Traceparent: traceparent, CreatedAt: b.CreatedAt,
	}, int(number(d.Headers[headerFailures])), nil
}

// number reads an integer header, which a broker may answer in another width; 0 for anything else.
func number(v any) int64 {
	switch n := v.(type) {
	case int64:
		return n
	case int32:
		return int64(n)
	case int16:
		return int64(n)
	case int8:
		return int64(n)
	default:
		return 0
	}
}
