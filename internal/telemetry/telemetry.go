// Package telemetry counts what the process does, for Prometheus.
package telemetry

import (
	"database/sql"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"pigonair/outbox"
)

// Metrics are the counters of one process. Labels are patterns and names, never paths or ids.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
	sent     *prometheus.CounterVec
	failed   *prometheus.CounterVec
	consumed *prometheus.HistogramVec
	broker   *prometheus.GaugeVec
}

// New returns metrics with the process's own figures registered.
func New() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "pigonair_http_request_seconds", Help: "Time to answer a request, by route pattern and status.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 2, 16)}, []string{"route", "status"}),
		sent:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "pigonair_outbox_sent_total", Help: "Messages that the broker has confirmed."}, []string{"lane"}),
		failed: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "pigonair_outbox_send_failed_total", Help: "Messages given back to be sent later."}, []string{"lane", "reason"}),
		consumed: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "pigonair_messages_consumed_seconds", Help: "Work on one message, by outcome.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2, 16)}, []string{"consumer", "kind", "outcome"}),
		broker: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "pigonair_broker_connected", Help: "1 while a component has its connection to the broker."}, []string{"component"}),
	}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		m.requests, m.sent, m.failed, m.consumed, m.broker)
	return m
}

// Pool adds the figures of a connection pool.
func (m *Metrics) Pool(name string, pool *sql.DB) {
	m.registry.MustRegister(collectors.NewDBStatsCollector(pool, name))
}

// Gauge adds a figure that is asked for at each scrape.
func (m *Metrics) Gauge(name, help string, value func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value))
}

// Handler serves the figures.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Request counts one request.
func (m *Metrics) Request(pattern string, status int, seconds float64) {
	m.requests.WithLabelValues(pattern, strconv.Itoa(status)).Observe(seconds)
}

// Outbox are the places where relay and consumers count.
func (m *Metrics) Outbox() outbox.Metrics {
	return outbox.Metrics{
		Connected: func(component string, change int) { m.broker.WithLabelValues(component).Add(float64(change)) },
		Sent:      func(lane string, n int) { m.sent.WithLabelValues(lane).Add(float64(n)) },
		SendFailed: func(lane, reason string, n int) {
			m.failed.WithLabelValues(lane, reason).Add(float64(n))
		},
		Consumed: func(consumer, kind, outcome string, took time.Duration) {
			m.consumed.WithLabelValues(consumer, kind, outcome).Observe(took.Seconds())
		},
	}
}
