/** Tests of the edits of YAML files. */
@NullMarked
package io.dropserver.reconciler.edit;

import org.jspecify.annotations.NullMarked;
