/**
 * Edits YAML files of an instance repository without changing any other byte. Text is inserted at
 * the marks of parsed nodes; files are never serialized again.
 */
@NullMarked
package io.dropserver.reconciler.edit;

import org.jspecify.annotations.NullMarked;
