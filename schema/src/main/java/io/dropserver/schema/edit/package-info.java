/**
 * Edits of an instance repository's YAML that leave every other byte as it was. Text is inserted at
 * the marks of parsed nodes; nothing is ever dumped.
 */
@NullMarked
package io.dropserver.schema.edit;

import org.jspecify.annotations.NullMarked;
