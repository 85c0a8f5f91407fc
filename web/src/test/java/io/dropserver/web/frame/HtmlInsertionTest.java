package io.dropserver.web.frame;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HtmlInsertionTest {

  /** The bar marks the place of the insertion. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "<!doctype html>|<title>a</title>",
        "<!DOCTYPE html PUBLIC \"-//W3C//DTD HTML 4.01//EN\" \"x\">|\n<html>",
        "\r\n\t <!doctype html>|<p>",
        "\uFEFF<!doctype html>|<p>",
        "<!-- a > b -- c --><!doctype html>|<p>",
        "<!-- a --!><!doctype html>|<p>",
        "<!-- a --!-><!doctype html>--><!doctype html>|<p>",
        "<!-- a -!> --><!doctype html>|<p>",
        "<!--><!doctype html>|<p>",
        "<!---><!doctype html>|<p>",
        "<!-><!doctype html>|<p>",
        "<!-x-><!doctype html>|<p>",
        "<!><!doctype html>|<p>",
        "<?xml version='1.0'?><!doctype html>|<p>",
        "<![CDATA[x]]><!doctype html>|<p>",
        "|<html><!doctype html>",
        "<!-- c -->|<p>",
        "|</p><!doctype html>",
        "|< p",
        "|text",
        "\uFEFF|text",
        " |\uFEFFtext",
        "<|",
        "<!|",
        "<!-- without end <p>|",
        "<!doctype html|",
        "  |",
        "|"
      })
  void textIsInsertedAfterTheDoctypeOrAtTheStartForEverySplit(String marked) {
    String document = marked.replace("|", "");
    String wanted = marked.replace("|", "<script></script>");
    byte[] bytes = document.getBytes(StandardCharsets.UTF_8);
    for (int first = 0; first <= bytes.length; first++) {
      for (int second = first; second <= bytes.length; second++) {
        assertThat(passed(bytes, first, second))
            .as("cut at %d, %d", first, second)
            .isEqualTo(wanted);
      }
    }
  }

  private static String passed(byte[] document, int first, int second) {
    HtmlInsertion insertion =
        new HtmlInsertion("<script></script>".getBytes(StandardCharsets.UTF_8));
    ByteBuffer whole = ByteBuffer.wrap(document);
    ByteBuffer sent = ByteBuffer.allocate(document.length + 100);
    sent.put(insertion.transform(whole.slice(0, first), false));
    sent.put(insertion.transform(whole.slice(first, second - first), false));
    sent.put(insertion.transform(whole.slice(second, document.length - second), true));
    return StandardCharsets.UTF_8.decode(sent.flip()).toString();
  }
}
