package io.dropserver.base.http1;

/**
 * @param method as written; a token
 * @param target as written
 */
public record RequestHead(String method, String target, Fields fields, Body body) {

  public boolean wantsWebSocket() {
    return fields.tokens("connection").contains("upgrade")
        && fields.tokens("upgrade").contains("websocket");
  }

  public boolean expectsContinue() {
    return fields.tokens("expect").contains("100-continue");
  }

  public boolean closesConnection() {
    return fields.tokens("connection").contains("close");
  }
}
