package io.dropserver.schema.edit;

import io.dropserver.schema.edit.Fragment.Indent;
import io.dropserver.schema.edit.Outline.Items;
import io.dropserver.schema.edit.Outline.Leaf;
import io.dropserver.schema.edit.Outline.Pair;
import io.dropserver.schema.edit.Outline.Pairs;
import java.util.ArrayList;
import java.util.List;

/** Detects the indentation of a file. The edited document takes precedence over the others. */
final class IndentStyle {
  private final Lines lines;
  private final List<Integer> steps = new ArrayList<>();
  private final List<Integer> lists = new ArrayList<>();

  private IndentStyle(Lines lines) {
    this.lines = lines;
  }

  static Indent of(YamlFile file, Pairs document) {
    IndentStyle style = new IndentStyle(new Lines(file.text()));
    style.look(document);
    file.documents().forEach(style::look);
    int step = style.steps.stream().findFirst().orElse(Indent.DEFAULT.step());
    return new Indent(step, style.lists.stream().findFirst().orElse(step));
  }

  private void look(Outline node) {
    switch (node) {
      case Leaf _ -> {}
      case Items items -> items.items().forEach(this::look);
      case Pairs pairs -> pairs.pairs().forEach(pair -> look(pairs, pair));
    }
  }

  private void look(Pairs owner, Pair pair) {
    Outline value = pair.value();
    int deeper = column(value) - column(pair.key());
    boolean measurable = !owner.flow() && !value.span().decorated() && deeper >= 0 && deeper <= 16;
    if (measurable && value instanceof Items items && !items.flow()) {
      lists.add(deeper);
    } else if (measurable && value instanceof Pairs pairs && !pairs.flow() && deeper > 0) {
      steps.add(deeper);
    }
    look(value);
  }

  private int column(Outline node) {
    return node.span().start() - lines.start(node.span().start());
  }
}
