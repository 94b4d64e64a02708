// A peer that is not ours: CloudEvents' Go SDK, which Knative stands on, as a sender, a subscriber and a judge.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	"github.com/cloudevents/sdk-go/v2/binding"
	cehttp "github.com/cloudevents/sdk-go/v2/protocol/http"
)

func main() {
	var err error
	switch command := os.Args[1]; command {
	case "send":
		err = send(os.Args[2])
	case "answer":
		err = answer(os.Getenv("PORT"))
	case "judge":
		err = judge(os.Args[2])
	default:
		err = fmt.Errorf("%q is not send, answer or judge", command)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// send publishes one event per mode and version, and prints what each was answered with.
func send(url string) error {
	client, err := cloudevents.NewClientHTTP(cloudevents.WithTarget(url))
	if err != nil {
		return err
	}
	for _, version := range []string{"1.0", "0.3"} {
		for _, mode := range []string{"binary", "structured"} {
			event := cloudevents.NewEvent(version)
			event.SetID(mode + "-" + version)
			event.SetSource("/peers/go")
			event.SetType("peer.asked.v1")
			event.SetSubject("Grüße")
			event.SetExtension("number", 5)
			if err := event.SetData(cloudevents.ApplicationJSON, map[string]string{"mode": mode}); err != nil {
				return err
			}
			ctx := cloudevents.WithEncodingBinary(context.Background())
			if mode == "structured" {
				ctx = cloudevents.WithEncodingStructured(context.Background())
			}
			result := client.Send(ctx, event)
			var answered *cehttp.Result
			if !cloudevents.ResultAs(result, &answered) {
				return fmt.Errorf("%s %s: %w", mode, version, result)
			}
			fmt.Println(event.ID(), answered.StatusCode)
		}
	}
	return nil
}

// answer is a function: it answers each event with one that says what it heard.
func answer(port string) error {
	protocol, err := cloudevents.NewHTTP(cloudevents.WithListener(listener("127.0.0.1:" + port)))
	if err != nil {
		return err
	}
	client, err := cloudevents.NewClient(protocol)
	if err != nil {
		return err
	}
	return client.StartReceiver(context.Background(), func(event cloudevents.Event) (*cloudevents.Event, error) {
		if err := event.Validate(); err != nil {
			return nil, err
		}
		reply := cloudevents.NewEvent()
		reply.SetID("go-" + event.ID())
		reply.SetSource("/peers/go/answer")
		reply.SetType("peer.answered.v1")
		reply.SetExtension("heard", event.Subject())
		return &reply, reply.SetData(cloudevents.ApplicationJSON, map[string]any{
			"version": event.SpecVersion(), "number": event.Extensions()["number"], "data": json.RawMessage(event.Data()),
		})
	})
}

// judge says of each request what Knative's ingress says: 400, or 202 and the event as it was read.
func judge(address string) error {
	return http.Serve(listener(address), http.HandlerFunc(func(writer http.ResponseWriter, request *http.Request) {
		event, err := binding.ToEvent(request.Context(), cehttp.NewMessageFromHttpRequest(request))
		if err == nil {
			err = event.Validate()
		}
		if err != nil {
			http.Error(writer, err.Error(), http.StatusBadRequest)
			return
		}
		writer.WriteHeader(http.StatusAccepted)
		read := map[string]any{
			"specversion": event.SpecVersion(), "id": event.ID(), "source": event.Source(), "type": event.Type(),
			"subject": event.Subject(), "dataschema": event.DataSchema(), "datacontenttype": event.DataContentType(),
			"time": event.Time(), "extensions": event.Extensions(), "data": event.Data(),
		}
		_ = json.NewEncoder(writer).Encode(read)
	}))
}

func listener(address string) net.Listener {
	found, err := net.Listen("tcp", address)
	if err != nil {
		log.Fatal(err)
	}
	return found
}
