"""Malformed command lines, each with what its error must say.

``{folder}`` is a folder that :func:`write_folder` has filled. ``O`` stands
for ``--cfg-options``. Messages are regular expressions, searched in one line
``error: ...`` on stderr; the exit code is 2.
"""

from helpers.tiny_config import CONFIGS, load_tiny_config

TRAIN = 'train {folder}/config.py --work-dir {folder}/work'
TEST = 'test {folder}/config.py'
EXPORT = 'export {folder}/out.pt --labels a b --config {folder}/config.py'
DEMO = 'demo {folder}/clip.mp4 --labels a b --config {folder}/config.py'

OPTIONS = {
    # first keys
    'optim_wraper.lr=1': 'did you mean optim_wrapper',
    'data_rot=/x': 'did you mean data_root',
    'load_form=x.pth': 'did you mean load_from',
    'seeed=5': r'did you mean randomness\.seed',
    'total_batch_size=4': 'nothing reads option .total_batch_size',
    'lr=1': r'did you mean optim_wrapper\.optimizer\.lr',
    'filename=x': 'nothing reads option .filename',
    '_delete_=True': 'nothing reads option ._delete_',
    'launcher=pytorch': 'nothing reads option .launcher',
    'shots=4': r"does not know \['shots'\], of these options only",
    # keys
    'a..b=1': 'empty part',
    'model.type.x=1': "model.type is 'CLIPRecognizer', which has no 'x'",
    'param_scheduler.9.end=1': "param_scheduler has 2 elements.*no '9'",
    'env_cfg.cudnn_benchmrk=True': 'did you mean .cudnn_benchmark',
    'train_pipeline.0.type=X': r'set train_dataloader\.dataset\.pipeline\.0',
    'sampling.clip_len=4': r'train_dataloader\.dataset\.pipeline\.1\.clip_len',
    # words
    'model.weights=': 'model.weights has no value',
    'model.weights': 'is not KEY=VALUE',
    '=1': 'is not KEY=VALUE',
    'model.cls_head.templates=[a {}': "']' is missing",
    'model.cls_head.templates=[a,,b]': 'empty element',
    # values of the wrong kind
    'model=5': 'model is made of parts',
    'train_dataloader=x': 'train_dataloader is made of parts',
    'optim_wrapper.optimizer.lr=abc': r'optimizer\.lr must be a number',
    'randomness.seed=abc': "randomness.seed must be a number, but is 'abc'",
    'train_cfg.max_epochs=abc': 'max_epochs must be a number',
    'train_dataloader.drop_last=yes': 'must be True or False',
    # values out of range
    'optim_wrapper.optimizer.lr=-1': 'while AdamW was built with .*lr=-1',
    'optim_wrapper.optimizer.lr=nan': 'learning rate: nan',
    'optim_wrapper.optimizer.betas=5': 'betas.*5',
    'optim_wrapper.optimizer.weight_decay=-1': 'weight_decay.*-1',
    'train_cfg.max_epochs=0': 'max_epochs.*0',
    'train_cfg.max_epochs=-3': 'max_epochs.*-3',
    'train_cfg.max_epochs=1.5': r'max_epochs.*1\.5',
    'train_cfg.val_interval=0': 'val_interval.*0',
    'train_dataloader.batch_size=-1': 'batch_size.*-1',
    'train_dataloader.batch_size=0': 'batch_size.*0',
    'train_dataloader.batch_size=1.5': r'batch_size.*1\.5',
    'train_dataloader.num_workers=-1': 'num_workers',
    'train_dataloader.prefetch_factor=2': 'prefetch_factor',
    'param_scheduler.0.end=-5': 'end.*-5',
    'param_scheduler.0.start_factor=5': 'start_factor=5',
    'default_hooks.checkpoint.interval=abc': 'interval must be a number',
    'default_hooks.checkpoint.interval=-2': 'interval.*-2',
    'default_hooks.logger.interval=0': 'interval.*0',
    'randomness.seed=-1': 'seed.*-1',
    'watch=-1': 'watch must be a whole number, 0 or more, but is -1',
    'log_level=LOUD': 'log_level.*LOUD',
    # what is not there
    'model.type=CLIPRecogniser': "no model of type 'CLIPRecogniser'; did you",
    'model.cls_head.type=X': "no model of type 'X'",
    'model.backbone.type=5': "type.*'int'",
    'optim_wrapper.type=X': "no optim_wrapper of type 'X'",
    'optim_wrapper.optimizer.type=Adamm': "of type 'Adamm'; did you mean",
    'train_cfg.type=X': "no loop of type 'X'",
    'train_dataloader.dataset.type=X': "no dataset of type 'X'",
    'train_dataloader.sampler.type=X': "no data sampler of type 'X'",
    'train_dataloader.dataset.pipeline.0.type=X': "no transform of type 'X'",
    'train_dataloader.dataset.source=nowhere': 'nowhere',
    'param_scheduler.0.type=X': "no parameter scheduler of type 'X'",
    'custom_hooks.0.type=X': "no hook of type 'X'",
    'default_hooks.mine.interval=1': 'must contain the key "type".*interval',
    'visualizer.type=X': "no visualizer of type 'X'",
    'visualizer.vis_backends.0.type=X': "no vis_backend of type 'X'",
    'custom_imports.imports=[nowhere]': 'Failed to import nowhere',
    'data_root=/nowhere': '/nowhere',
    'load_from=/nowhere.pth': '/nowhere.pth',
    'load_from={folder}/empty.pth': r'empty\.pth',
    'model.weights=/nowhere.pt': r'/nowhere\.pt',
    'model.cls_head.tokenizer=/nowhere.txt': r'/nowhere\.txt',
    # arguments
    'model.cls_head.templates=5': 'templates.*5',
    'model.cls_head.templates=[a]': 'template',
    'model.cls_head.templates=nosuch': 'nosuch',
    'model.cls_head.template=bare': "TextHead has no argument 'template'; did",
    'model.backbone.nosuch=1': "CLIPViT has no argument 'nosuch'",
    'model.nosuch=1': "CLIPRecognizer has no argument 'nosuch'",
    'model.arch=ViT-Z-99': 'ViT-Z-99',
    'model.arch.embed_dim=0': r'does not fit.*\(16, 0\)',
    'model.arch.vision_cfg.layers=abc': 'layers must be a number',
    'model.arch.vision_cfg.head_width=7': 'head_width.*7',
    'model.trainable=[nosuch]': 'nosuch',
    'train_dataloader.pin_memroy=True': "DataLoader.*argument 'pin_memroy'",
    'train_dataloader.dataset.nosuch=1': 'nosuch',
    'train_cfg.nosuch=1': 'nosuch',
    'optim_wrapper.nosuch=1': 'nosuch',
    'optim_wrapper.optimizer.nosuch=1': 'nosuch',
    'optim_wrapper.clip_grad.nosuch=1': 'nosuch',
    'randomness.nosuch=1': 'nosuch',
    'default_hooks.checkpoint.nosuch=1': 'nosuch',
    'log_processor.nosuch=1': 'nosuch',
}
"""Word of ``--cfg-options`` of a training to its error."""

TEST_OPTIONS = {
    'test_cfg.sets.nosuch.x=1': 'give ann_file and classnames, or a source',
    'test_cfg.sets=[nosuch]': 'nosuch',
    'test_dataloader.batch_size=0': 'batch_size.*0',
    'test_evaluator.type=X': "no metric of type 'X'",
    'test_evaluator.nosuch=1': 'nosuch',
    'resume=True': 'resume=True has no effect',
    'test_pipeline.1.num_clips=2': r'set test_dataloader\.dataset\.pipeline',
    'test_cfg.clip_share=2': 'clip_share.*2',
}

LINES = {
    'train {folder}/nowhere.py': r'no config file .*nowhere\.py',
    'train {folder}': 'is a folder, not a config file',
    'train {folder}/empty.pth': r'empty\.pth is no config file.*\.py',
    'train {folder}/broken.py': r'broken\.py cannot be read: SyntaxError',
    'train {folder}/raises.py': r'raises\.py cannot be read: ZeroDivision',
    'train {folder}/no_model.py': r'no_model\.py has no model',
    'train {folder}/broken.json': r'broken\.json cannot be read',
    TRAIN + ' --resume {folder}/nowhere.pth': r'nowhere\.pth',
    TRAIN + ' --resume {folder}/empty.pth': r'empty\.pth',
    TRAIN + ' --resume {folder}/text.pth': r'text\.pth',
    TRAIN + ' --resume {folder}': 'is no regular file',
    'train {folder}/config.py --work-dir {folder}/empty.pth': 'empty.pth',
    TRAIN + ' --seed 1 O randomness.seed=2': 'seed=2 has no effect',
    TRAIN + ' --work-dir x O work_dir=y': "work_dir='y' has no effect",
    TRAIN + ' --no-validate O val_cfg.type=X': 'val_cfg',
    TRAIN + ' --amp-dtype bfloat16': '--amp-dtype needs --amp',
    TRAIN + ' --auto-scale-lr': '--auto-scale-lr: rates are never scaled',
    TRAIN + ' --seed abc': "--seed: invalid int value: 'abc'",
    TRAIN + ' --launcher slurm': 'SLURM_PROCID',
    TRAIN + ' O data_root = /x': 'leave none around the =',
    TRAIN + ' O model.type=A model.type.x=B': 'model.type',
    'test {folder}/nowhere.py': r'no config file .*nowhere\.py',
    TEST + ' {folder}/nowhere.pth': r'nowhere\.pth',
    TEST + ' {folder}/empty.pth': r'empty\.pth',
    TEST + ' {folder}/text.pth': r'text\.pth',
    TEST + ' {folder}/list.pth': r'list\.pth',
    TEST + ' {folder}/other.pth': r'weights|fit',
    TEST + ' {folder}': 'is no regular file',
    TEST + ' --raw': '--raw needs a checkpoint',
    TEST + ' --dump p.json': r'must end in \.pkl',
    TEST + ' --interval 3': '--interval needs --show-dir',
    TEST + ' --setup mini --cells nosuch/*': 'nosuch',
    TEST + ' --setup nosuch': 'invalid choice: .nosuch',
    EXPORT + ' O data_rot=1': 'did you mean data_root',
    DEMO + ' O test_pipeline.1.clip_len=2': r'set test_dataloader',
    DEMO + ' --checkpoint {folder}/text.pth': r'text\.pth',
    'demo {folder}/nowhere.mp4 --labels a b --config {folder}/config.py': (
        r'nowhere\.mp4'
    ),
    'export {folder}/o.pt --labels a --config {folder}/no_model.py': 'model',
    'report {folder}/nowhere': 'nowhere',
    'convert_weights {folder}/text.pth {folder}/o.pt': r'text\.pth',
    'average_checkpoints {folder}/text.pth --out o.pt': r'text\.pth',
    'visualize trade-off a --x x --y y': "'a' must be TITLE=VALUE",
    'benchmark ep3 --method nosuch': 'nosuch',
    'data/prepare ucf101 --videos {folder}/nowhere': 'nowhere',
    'data/audit_labels {folder}/nowhere.txt hmdb51': r'nowhere\.txt',
    'profiling/cost {folder}/nowhere.py': r'nowhere\.py',
}


def command_lines(folder):
    """Yield all command lines and the errors that they must give.

    Returns:
        Pairs of words, the first of them a script of ``tools/`` without
        ``.py``, and a regular expression.
    """
    for start, options in ((TRAIN, OPTIONS), (TEST, TEST_OPTIONS)):
        for option, message in options.items():
            yield _fill([*start.split(), 'O', option], folder), message
    for line, message in LINES.items():
        yield _fill(line.split(), folder), message


def _fill(words, folder):
    words = [word.replace('{folder}', str(folder)) for word in words]
    return ['--cfg-options' if word == 'O' else word for word in words]


def write_folder(folder):
    """Write a config with its data, and files that are none."""
    import torch

    config = load_tiny_config(CONFIGS / 'mini/vclip.py', folder)
    config.train_cfg.max_epochs = 1
    config.test_cfg.sets = {'known_ic': config.test_cfg.sets.known_ic}
    config.dump(folder / 'config.py')
    texts = {
        'broken.py': 'model = [',
        'raises.py': 'model = 1 / 0',
        'no_model.py': 'a = 1',
        'broken.json': '{',
        'empty.pth': '',
        'text.pth': 'no weights',
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
    torch.save([1, 2], folder / 'list.pth')
    torch.save(dict(state_dict=dict(x=torch.ones(1))), folder / 'other.pth')
    (folder / 'clip.mp4').write_bytes(b'no video')
