package io.dropserver.web.upstream;

import io.dropserver.base.http1.Fields.Field;
import io.dropserver.base.http1.ResponseHead;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;

/**
 * The head of an app's response.
 *
 * @param headers the fields as sent, in their order
 * @param persistent whether the connection can be reused after the body has been read
 */
public record UpstreamResponseHead(int status, HttpFields headers, boolean persistent) {
  static UpstreamResponseHead of(ResponseHead head) {
    HttpFields.Mutable headers = HttpFields.build();
    for (Field field : head.fields().all()) {
      headers.add(new HttpField(field.name(), field.value()));
    }
    return new UpstreamResponseHead(head.status(), headers, head.persistent());
  }
}
