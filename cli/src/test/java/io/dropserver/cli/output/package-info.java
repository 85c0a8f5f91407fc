@NullMarked
package io.dropserver.cli.output;

import org.jspecify.annotations.NullMarked;
