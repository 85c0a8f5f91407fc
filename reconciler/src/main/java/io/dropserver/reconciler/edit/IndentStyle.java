package io.dropserver.reconciler.edit;

import io.dropserver.reconciler.edit.Fragment.Indent;
import io.dropserver.reconciler.edit.Outline.MappingOutline;
import io.dropserver.reconciler.edit.Outline.PairOutline;
import io.dropserver.reconciler.edit.Outline.ScalarOutline;
import io.dropserver.reconciler.edit.Outline.SequenceOutline;
import java.util.ArrayList;
import java.util.List;

/** Detects the indentation of a file. The edited document takes precedence over the others. */
final class IndentStyle {
  private final SourceLines sourceLines;
  private final List<Integer> steps = new ArrayList<>();
  private final List<Integer> lists = new ArrayList<>();

  private IndentStyle(SourceLines sourceLines) {
    this.sourceLines = sourceLines;
  }

  static Indent of(YamlFile file, MappingOutline document) {
    IndentStyle style = new IndentStyle(new SourceLines(file.text()));
    style.inspect(document);
    file.documents().forEach(style::inspect);
    int step = style.steps.stream().findFirst().orElse(Indent.DEFAULT.step());
    return new Indent(step, style.lists.stream().findFirst().orElse(step));
  }

  private void inspect(Outline node) {
    switch (node) {
      case ScalarOutline _ -> {}
      case SequenceOutline sequenceOutline -> sequenceOutline.items().forEach(this::inspect);
      case MappingOutline mappingOutline ->
          mappingOutline.pairs().forEach(pairOutline -> inspect(mappingOutline, pairOutline));
    }
  }

  private void inspect(MappingOutline owner, PairOutline pairOutline) {
    Outline value = pairOutline.value();
    int deeper = column(value) - column(pairOutline.key());
    boolean measurable = !owner.flow() && !value.span().decorated() && deeper >= 0 && deeper <= 16;
    if (measurable && value instanceof SequenceOutline sequenceOutline && !sequenceOutline.flow()) {
      lists.add(deeper);
    } else if (measurable
        && value instanceof MappingOutline mappingOutline
        && !mappingOutline.flow()
        && deeper > 0) {
      steps.add(deeper);
    }
    inspect(value);
  }

  private int column(Outline node) {
    return node.span().start() - sourceLines.start(node.span().start());
  }
}
