@NullMarked
package io.dropserver.cli.doctor;

import org.jspecify.annotations.NullMarked;
