// A talk outlives the line it was made over: its sound goes another way.
//
// JsSIP ends a talk when a question about it gets no answer, because the line was lost or silent.
// Here that ends nothing: the question is asked again when the line is back.

/** From now on `session`, once established, is not ended by a lost line; `unanswered` is told of
 *  every question that got no answer because of it. */
export function outlive(session, unanswered) {
  for (const name of ["onTransportError", "onRequestTimeout"]) {
    const end = session[name].bind(session);
    session[name] = () => (session.isEstablished() ? unanswered() : end());
  }
}

/** Ask the switch for a talk of which nothing was heard for a while. A good-bye may have been lost
 *  with the line: then the switch does not know the talk any more, and it ends here too. */
export function isStillThere(session) {
  session.sendRequest("UPDATE", {
    extraHeaders: [`Contact: ${session.contact}`],
    eventHandlers: { onDialogError: () => session.onDialogError() },
  });
}
