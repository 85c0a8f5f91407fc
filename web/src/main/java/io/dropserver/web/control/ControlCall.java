package io.dropserver.web.control;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Fields;

/**
 * A parsed request of the control API.
 *
 * @param caller the process that makes the call
 * @param path the segments after the version; empty when the request has another version
 */
record ControlCall(Request request, Caller caller, List<String> path, Fields query) {
  static ControlCall of(Request request) throws IOException {
    String path = Request.getPathInContext(request);
    List<String> segments = List.of(path.substring(1).split("/", -1));
    boolean versioned = segments.getFirst().equals("v1");
    return new ControlCall(
        request,
        Caller.of(request),
        versioned ? segments.subList(1, segments.size()) : List.of(),
        Request.extractQueryParameters(request));
  }

  /** Whether the call has a method and a path, in which an asterisk matches any segment. */
  boolean is(String wantedMethod, String... wantedPath) {
    return request.getMethod().equals(wantedMethod)
        && path.size() == wantedPath.length
        && IntStream.range(0, path.size())
            .allMatch(i -> wantedPath[i].equals("*") || wantedPath[i].equals(path.get(i)));
  }

  String segment(int index) {
    return path.get(index);
  }

  Optional<String> optional(String name) {
    return Optional.ofNullable(query.getValue(name));
  }

  String required(String name) {
    return optional(name)
        .orElseThrow(() -> new IllegalArgumentException("parameter " + name + " is missing"));
  }

  /** Returns the person in whose name a decision is committed. */
  String author() throws IOException {
    Optional<String> named = optional("by").filter(by -> !by.isBlank());
    return named.isPresent() ? named.get() : caller.author();
  }

  boolean flag(String name) {
    return Boolean.parseBoolean(query.getValue(name));
  }

  /** Reads the body, and at most a number of bytes of it. */
  String body(int most) throws IOException {
    try (InputStream in = Content.Source.asInputStream(request)) {
      return new String(in.readNBytes(most), StandardCharsets.UTF_8);
    }
  }

  @Override
  public String toString() {
    return request.getMethod() + " /v1/" + String.join("/", path);
  }
}
