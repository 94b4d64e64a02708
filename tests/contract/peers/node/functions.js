// Functions that are not ours: functions-framework for Node, and CloudEvents' JavaScript SDK.
const functions = require('@google-cloud/functions-framework');
const { CloudEvent, HTTP, emitterFor, httpTransport } = require('cloudevents');

// Answers an event with an event.
functions.http('answer', (request, response) => {
  const event = HTTP.toEvent({ headers: request.headers, body: request.rawBody.toString() });
  const reply = HTTP.binary(
    new CloudEvent({
      id: `node-${event.id}`,
      source: '/peers/node/answer',
      type: 'peer.noted.v1',
      heard: event.type,
      data: { said: event.data },
    }),
  );
  response.status(200).set(reply.headers).send(reply.body);
});

// Hears an event and publishes two of its own, one per mode.
functions.cloudEvent('publish', async event => {
  for (const mode of ['binary', 'structured']) {
    const options = { mode: mode === 'binary' ? 'binary' : 'structured' };
    const emit = emitterFor(httpTransport(process.env.K_SINK), options);
    await emit(
      new CloudEvent({ id: `${mode}-${event.id}`, source: '/peers/node/publish', type: 'peer.done.v1', data: { of: event.id } }),
    );
  }
});
